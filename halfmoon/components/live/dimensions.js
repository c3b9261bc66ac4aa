// The information in each dimension of the code: its KL above, the mean σ of its posterior below; the widest ones.

import { element, fill } from "../shared/dom.js";
import { NEAR_ZERO, significant } from "../shared/numbers.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Moment } from "./moment.js" */

const MAX_DIMS = 32;
const FULL = { kl: 1, sigma: 1 }; // of a whole bar at least, or nothing would look like much: a nat, the prior's σ
const MIN = 1e-3; // of a whole bar: what is less is about nothing
const MAX_SAID = 2; // of fewer dimensions the figures themselves are there, of more the greatest

export class Dimensions {
  /**
   * @param {Texts} texts
   * @param {boolean} hasPosterior
   */
  constructor(texts, hasPosterior) {
    this.texts = texts;
    this.kl = new Bars(texts.kl_bars);
    this.sigma = new Bars(texts.sigma_bars);
    const points = element("p", "live-quiet", texts.no_posterior);
    this.element = element("section", "live-dimensions");
    this.element.append(...(hasPosterior ? [this.kl.element, this.sigma.element] : [points]));
    this.hasPosterior = hasPosterior;
  }

  /** @param {Moment} moment */
  show({ kl, sigma, variances }) {
    if (!this.hasPosterior) return;
    const widest = variances.map((_, dim) => dim).sort((one, other) => variances[other] - variances[one]);
    const dims = widest.slice(0, MAX_DIMS).sort((one, other) => one - other);
    const name = (/** @type {number[]} */ value) => (/** @type {number} */ dim) =>
      fill(this.texts.dimension, { dim: dim + 1, value: significant(value[dim]) });
    this.kl.show(dims, kl, FULL.kl, name(kl));
    this.sigma.show(dims, sigma, FULL.sigma, name(sigma));
  }
}

class Bars {
  /** @param {string} name */
  constructor(name) {
    this.most = element("small");
    this.bars = element("div", "live-bars");
    this.bars.setAttribute("role", "img");
    this.name = name;
    this.element = element("div", "live-bars-row", element("h3", "", name, " ", this.most), this.bars);
  }

  /**
   * A whole bar is the greatest value, `least` where all are smaller.
   * @param {number[]} dims
   * @param {number[]} values
   * @param {number} least
   * @param {(dim: number) => string} describe
   */
  show(dims, values, least, describe) {
    const greatest = Math.max(...values);
    const whole = Math.max(least, greatest);
    const said = dims.length > MAX_SAID ? [greatest] : dims.map((dim) => values[dim]);
    this.most.textContent = said.map((value) => (value < MIN * whole ? NEAR_ZERO : significant(value, 2))).join(" · ");
    while (this.bars.childElementCount < dims.length) this.bars.append(element("i"));
    dims.forEach((dim, at) => {
      const bar = /** @type {HTMLElement} */ (this.bars.children[at]);
      bar.style.setProperty("--share", String(Math.max(0, values[dim] / whole)));
      bar.title = describe(dim);
    });
    this.bars.setAttribute("aria-label", `${this.name}: ${dims.slice(0, 8).map(describe).join("; ")}`);
  }
}
