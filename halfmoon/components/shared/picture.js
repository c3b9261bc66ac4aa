// The large image of a plane: what its model decodes at a code, and in words where that is.

import { context2d, element, fill } from "./dom.js";
import { codeText } from "./numbers.js";

/** @import { Texts } from "./dom.js" */
/** @typedef {number[]} Shape of an image: channels, height, width */

/** @type {WeakMap<HTMLCanvasElement, { context: CanvasRenderingContext2D, image: ImageData }>} */
const painted = new WeakMap();

/**
 * The pixels [C, H, W] in [0, 1] on a canvas of the image's own size.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels
 * @param {Shape} shape
 */
export function paint(canvas, pixels, [channels, height, width]) {
  const { context, image } = bufferOf(canvas, height, width);
  const { data } = image;
  const size = height * width;
  for (let at = 0; at < size; at++) {
    for (let channel = 0; channel < 3; channel++) {
      data[4 * at + channel] = Math.round(pixels[at + (channels === 3 ? channel * size : 0)] * 255);
    }
    data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} height
 * @param {number} width
 */
function bufferOf(canvas, height, width) {
  const before = painted.get(canvas);
  if (before && canvas.width === width && canvas.height === height) return before;
  Object.assign(canvas, { width, height });
  const context = context2d(canvas, { willReadFrequently: true }); // small, and read by tests and downloads
  const made = { context, image: context.createImageData(width, height) };
  painted.set(canvas, made);
  return made;
}

export class Picture {
  /**
   * @param {{ title: string, image: { shape: Shape } }} spec
   * @param {Texts} texts
   */
  constructor({ title, image }, texts) {
    this.title = title;
    this.shape = image.shape;
    this.texts = texts;
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.heading = element("h3");
    this.caption = element("p");
    const words = element("figcaption", "", this.heading, this.caption);
    this.element = element("figure", "latent-plane-picture", this.canvas, words);
  }

  /**
   * @param {ArrayLike<number> | null} pixels
   * @param {number[]} code
   * @param {string} about
   */
  show(pixels, code, about) {
    const at = fill(this.texts.heading, { kind: this.title, code: codeText(code) });
    this.heading.textContent = at;
    this.caption.textContent = about;
    this.canvas.setAttribute("aria-label", fill(this.texts.alt, { at }));
    this.canvas.classList.toggle("waiting", !pixels);
    if (pixels) this.paint(pixels);
  }

  /** @param {ArrayLike<number>} pixels */
  paint(pixels) {
    paint(this.canvas, pixels, this.shape);
  }
}
