// The pad and the picture file side by side, their result as the models get it, and the button to use it.

import { button, element } from "../shared/dom.js";
import { Pad } from "../shared/pad.js";
import { paint } from "../shared/picture.js";

/** @import { Texts } from "../shared/dom.js" */
/**
 * @typedef {object} Data
 * @property {string} base
 * @property {[number, number, number]} shape of the images: channels, height, width
 * @property {number} side of those that are drawn, which are square
 * @property {number | null} box that the ink of a drawing is scaled into, where images are drawn
 * @property {string} path that a file goes to
 * @property {number} max_bytes of a file
 * @property {Texts} texts
 *
 * @typedef {{ pixels?: string, words: string }} Answer what the server makes of a file: pixels in base 64
 */

export default class OwnImage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.description = ""; // of what is made
    this.maker = /** @type {Maker | null} */ (null);
    this.use = (/** @type {string} */ _pixels) => {};
  }

  /**
   * Another maker when another data set is chosen.
   * @param {Data} data
   * @param {(pixels: string) => void} use
   */
  show(data, use) {
    this.use = use;
    const description = JSON.stringify(data);
    if (description === this.description) return;
    this.description = description;
    this.maker = new Maker(this.root, data, (pixels) => this.use(pixels));
  }
}

class Maker {
  /**
   * @param {HTMLElement} root
   * @param {Data} data
   * @param {(pixels: string) => void} use
   */
  constructor(root, { base, shape, side, box, path, max_bytes: maxBytes, texts }, use) {
    this.shape = shape;
    this.side = side;
    this.maxBytes = maxBytes;
    this.texts = texts;
    this.address = `${base}/${path}`;
    this.pixels = /** @type {Uint8Array | null} */ (null);
    this.asked = /** @type {object | null} */ (null); // what the server is making of a file
    this.canvas = element("canvas", "own-image-preview");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", texts.preview);
    this.words = element("p", "own-image-words");
    this.words.setAttribute("role", "status");
    this.done = button("own-image-use", texts.use, () => {
      if (this.pixels) use(btoa(Array.from(this.pixels, (byte) => String.fromCharCode(byte)).join("")));
    });
    this.drawn = box ? this.pad(box) : null;
    const left = this.drawn ? [this.drawn.element] : [];
    root.replaceChildren(...left, this.chooser(), this.canvas, this.words, this.done);
    this.take(null, "");
  }

  /** @param {number} box */
  pad(box) {
    const { side, texts } = this;
    return new Pad({
      side,
      box,
      texts: { title: texts.pad_title, clear: texts.pad_clear, hint: texts.pad_hint },
      onDrawing: (pixels) => this.take(pixels, ""),
    });
  }

  chooser() {
    const file = element("input");
    Object.assign(file, { type: "file", accept: "image/*" });
    file.onchange = () => {
      const chosen = file.files?.[0];
      file.value = ""; // the same file may be chosen again
      if (chosen) this.read(chosen);
    };
    return element("label", "own-image-file", this.texts.file, file);
  }

  /** @param {File} chosen */
  async read(chosen) {
    this.drawn?.clear();
    this.take(null, "");
    if (chosen.size > this.maxBytes) return this.take(null, this.texts.too_large);
    const asked = (this.asked = {});
    const { pixels, words } = await this.imageOf(chosen);
    if (this.asked !== asked) return; // another has been chosen since, or drawn
    if (!pixels) return this.take(null, words);
    this.take(Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0)), chosen.name + words);
  }

  /**
   * @param {File} chosen
   * @returns {Promise<Answer>}
   */
  async imageOf(chosen) {
    try {
      const answer = await fetch(this.address, { method: "POST", body: chosen });
      return answer.ok ? await answer.json() : { words: await answer.text() };
    } catch {
      return { words: this.texts.unreachable };
    }
  }

  /**
   * @param {Uint8Array | null} pixels
   * @param {string} words
   */
  take(pixels, words) {
    this.pixels = pixels;
    this.asked = null;
    const [channels, height, width] = this.shape;
    const shown = Float32Array.from(pixels ?? new Uint8Array(channels * height * width), (value) => value / 255);
    paint(this.canvas, shown, this.shape);
    this.words.textContent = words;
    this.done.disabled = !pixels;
  }
}
