// What each dimension of the code carries: its KL above, the mean σ of its posterior below; the widest ones.

import { element, fill, number } from "../shared/dom.js";

const MOST = 32;
const FULL = { kl: 1, sigma: 1 }; // of a whole bar at least, or nothing would look like much: a nat, the prior's σ
const LEAST = 1e-3; // of a whole bar: what is less is about nothing
const MOST_SAID = 2; // of fewer dimensions the figures themselves are there, of more the greatest

export class Dimensions {
  constructor(texts, hasPosterior) {
    this.texts = texts;
    this.kl = new Bars(texts.kl_bars);
    this.sigma = new Bars(texts.sigma_bars);
    const points = element("p", "live-quiet", texts.no_posterior);
    this.element = element("section", "live-dimensions");
    this.element.append(...(hasPosterior ? [this.kl.element, this.sigma.element] : [points]));
    this.hasPosterior = hasPosterior;
  }

  show({ kl, sigma, variances }) {
    if (!this.hasPosterior) return;
    const widest = variances.map((_, dim) => dim).sort((one, other) => variances[other] - variances[one]);
    const dims = widest.slice(0, MOST).sort((one, other) => one - other);
    const name = (value) => (dim) => fill(this.texts.dimension, { dim: dim + 1, value: number(value[dim], 3) });
    this.kl.show(dims, kl, FULL.kl, name(kl));
    this.sigma.show(dims, sigma, FULL.sigma, name(sigma));
  }
}

class Bars {
  constructor(name) {
    this.most = element("small");
    this.bars = element("div", "live-bars");
    this.bars.setAttribute("role", "img");
    this.name = name;
    this.element = element("div", "live-bars-row", element("h3", "", name, " ", this.most), this.bars);
  }

  // A whole bar is the greatest value, `least` where all are smaller.
  show(dims, values, least, describe) {
    const greatest = Math.max(...values);
    const whole = Math.max(least, greatest);
    const said = dims.length > MOST_SAID ? [greatest] : dims.map((dim) => values[dim]);
    this.most.textContent = said.map((value) => (value < LEAST * whole ? "≈ 0" : number(value, 2))).join(" · ");
    while (this.bars.childElementCount < dims.length) this.bars.append(element("i"));
    dims.forEach((dim, at) => {
      const bar = this.bars.children[at];
      bar.style.setProperty("--share", Math.max(0, values[dim] / whole));
      bar.title = describe(dim);
    });
    this.bars.setAttribute("aria-label", `${this.name}: ${dims.slice(0, 8).map(describe).join("; ")}`);
  }
}
