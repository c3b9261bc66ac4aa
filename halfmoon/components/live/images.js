// Reconstructions of the same images, and decoded draws from the prior, at one step.

import { element } from "../shared/dom.js";
import { paint } from "../shared/picture.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Moment } from "./moment.js" */

// Originals above their reconstructions.
export class Reconstructions {
  /** @param {Texts} texts */
  constructor(texts) {
    this.originals = new Row(texts.originals);
    this.made = new Row(texts.reconstructions);
    this.element = element("section", "live-reconstructions", this.originals.element, this.made.element);
  }

  /** @param {Moment} moment */
  show({ originals, reconstructions, shape }) {
    if (!this.originals.canvases.length) this.originals.show(originals, shape); // they are the same at every moment
    this.made.show(reconstructions, shape);
  }
}

export class Samples {
  /** @param {Texts} texts */
  constructor(texts) {
    this.grid = new Row(texts.samples);
    this.element = element("section", "live-samples", this.grid.element);
  }

  /** @param {Moment} moment */
  show({ samples, shape }) {
    this.grid.show(samples, shape);
  }
}

// Images under one name, each on a canvas that stays.
class Row {
  /** @param {string} name */
  constructor(name) {
    this.images = element("div", "live-images");
    this.images.setAttribute("role", "img");
    this.images.setAttribute("aria-label", name);
    this.element = element("div", "live-row", element("h3", "", name), this.images);
    this.canvases = /** @type {HTMLCanvasElement[]} */ ([]);
  }

  /**
   * @param {Float32Array[]} images
   * @param {number[]} shape
   */
  show(images, shape) {
    while (this.canvases.length < images.length) {
      const canvas = element("canvas");
      this.canvases.push(canvas);
      this.images.append(canvas);
    }
    images.forEach((pixels, at) => paint(this.canvases[at], pixels, shape));
  }
}
