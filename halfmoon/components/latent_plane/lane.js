// One model of the machine: the encoder, the code as a dot or a cloud, the decoder, and what that draws. A cloud's image
// is drawn again and again, each time from another code of the cloud.

import { context2d, element, fill } from "../shared/dom.js";
import { codeText } from "../shared/numbers.js";
import { paint } from "../shared/picture.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Encoded } from "./machine.js" */
/** @import { Plane } from "./plane.js" */

const SIDE = 128; // of the code's canvas in its own pixels
const WINDOW = 3.2; // standard deviations from the middle of the cloud's picture to its edge
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
    this.code = element("canvas", "latent-machine-code");
    Object.assign(this.code, { width: SIDE, height: SIDE });
    this.code.ariaHidden = "true"; // the numbers beneath it say it
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
    if (!logVar) return this.draw(mu, [0, 0]);
    const sigmas = logVar.map((value) => Math.exp(value / 2));
    this.sample(mu, sigmas);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.timer = setInterval(() => this.sample(mu, sigmas), EVERY);
  }

  /** @param {number[]} code that no image is coded as */
  showCode(code) {
    this.rest();
    this.say(code, null);
    this.draw(code, [0, 0]);
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
    this.draw(code, [noise[0], noise[1] ?? 0], true);
  }

  /**
   * @param {number[]} code
   * @param {[x: number, y: number]} noise where in the cloud it is
   */
  draw(code, [x, y], isCloud = false) {
    const pixels = this.plane.image(code);
    if (pixels) paint(this.image, pixels, this.plane.spec.image.shape);
    const context = context2d(this.code);
    const colour = getComputedStyle(this.element).getPropertyValue("color");
    const at = (/** @type {number} */ value) => SIDE / 2 + (value * SIDE) / 2 / WINDOW;
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillStyle = colour;
    if (isCloud) cloud(context, colour);
    context.beginPath();
    context.arc(at(x), at(-y), SIDE / 18, 0, 2 * Math.PI);
    context.fill();
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

/**
 * A normal distribution, in units of its own standard deviations.
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 */
function cloud(context, colour) {
  const shade = context.createRadialGradient(SIDE / 2, SIDE / 2, 0, SIDE / 2, SIDE / 2, SIDE / 2);
  for (let stop = 0; stop <= 1; stop += 0.1) {
    const share = 60 * Math.exp(-((stop * WINDOW) ** 2) / 2);
    shade.addColorStop(stop, `color-mix(in srgb, ${colour} ${share}%, transparent)`);
  }
  context.fillStyle = shade;
  context.fillRect(0, 0, SIDE, SIDE);
  context.fillStyle = colour;
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
