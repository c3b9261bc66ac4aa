// One model of the machine: the encoder, the code as a dot or a cloud, the decoder, and what that draws. A cloud's image
// is drawn again and again, each time from another code of the cloud.

import { element, fill } from "../shared/dom.js";
import { codeText } from "../shared/numbers.js";
import { paint } from "../shared/picture.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Encoded } from "./machine.js" */
/** @import { Plane } from "./plane.js" */

const WINDOW = 3.2; // standard deviations from the middle of the cloud's picture to its edge, as in the styles
const EVERY = 500; // milliseconds from one code of the cloud to the next
const DIGITS = 2;

export class Lane {
  /**
   * @param {Plane} plane
   * @param {Texts} texts
   */
  constructor(plane, texts) {
    this.plane = plane;
    this.timer = /** @type {number | undefined} */ (undefined);
    this.dot = element("i");
    this.code = element("div", "latent-machine-code", this.dot);
    this.code.ariaHidden = "true"; // the numbers beside it say it
    this.numbers = element("span", "latent-machine-numbers");
    this.image = element("canvas", "latent-machine-image");
    this.image.setAttribute("role", "img");
    this.image.setAttribute("aria-label", fill(texts.machine_redrawn, { kind: plane.spec.title }));
    const network = (/** @type {"encoder" | "decoder"} */ name) =>
      element("span", `latent-machine-${name}`, element("span", "", texts[`machine_${name}`]));
    const [encoder, decoder] = [network("encoder"), network("decoder")];
    const title = element("strong", "", plane.spec.title);
    this.element = element("div", "latent-machine-lane", title, encoder, this.code, decoder, this.image, this.numbers);
    this.element.style.setProperty("--kind", `var(--hm-${plane.spec.kind}, var(--st-primary-color))`);
  }

  /** @param {Encoded | null} encoded what the encoder makes of an image, null while that is not known */
  showImage(encoded) {
    this.rest();
    if (!encoded) return;
    const { mu, log_var: logVar } = encoded;
    this.say(mu, logVar);
    if (!logVar) return this.draw(this.plane.image(mu));
    const sigmas = logVar.map((value) => Math.exp(value / 2));
    this.sample(mu, sigmas);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.timer = setInterval(() => this.sample(mu, sigmas), EVERY);
  }

  /**
   * @param {number[]} code that no image is coded as
   * @param {Float32Array | null} pixels decoded there
   */
  showCode(code, pixels) {
    this.rest();
    this.say(code, null);
    this.draw(pixels);
  }

  rest() {
    clearInterval(this.timer);
  }

  /**
   * @param {number[]} mu
   * @param {number[]} sigmas
   */
  sample(mu, sigmas) {
    if (!this.element.isConnected) return this.rest();
    const noise = mu.map(normal);
    const code = mu.map((value, dim) => value + sigmas[dim] * noise[dim]);
    this.draw(this.plane.image(code), [noise[0], noise[1] ?? 0]);
  }

  /**
   * @param {Float32Array | null} pixels
   * @param {[x: number, y: number] | null} noise where in its cloud the code is; null for a code that is a point
   */
  draw(pixels, noise = null) {
    if (pixels) paint(this.image, pixels, this.plane.spec.image.shape);
    this.code.classList.toggle("cloud", noise !== null);
    const [left, top] = (noise ?? [0, 0]).map((value, axis) => 50 + ((axis ? -value : value) * 50) / WINDOW);
    Object.assign(this.dot.style, { left: `${left}%`, top: `${top}%` });
  }

  /**
   * @param {number[]} code
   * @param {number[] | null} logVar
   */
  say(code, logVar) {
    const sigmas = logVar && codeText(logVar.map((value) => Math.exp(value / 2)), DIGITS);
    this.numbers.textContent = sigmas ? `μ = ${codeText(code, DIGITS)}\nσ = ${sigmas}` : `z = ${codeText(code, DIGITS)}`;
  }
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
