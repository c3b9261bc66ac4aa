// The large image of a plane: what its model decodes at a code, and in words where that is.

import { codeText, element, fill } from "./dom.js";

const DIGITS = 3; // of a code that follows the pointer; the answer to a click has them all

// The pixels [C, H, W] in [0, 1] on a canvas of the image's own size.
export function paint(canvas, pixels, [channels, height, width]) {
  if (canvas.width !== width || canvas.height !== height || !canvas.image) {
    Object.assign(canvas, { width, height });
    canvas.context = canvas.getContext("2d", { willReadFrequently: true }); // small, and read by tests and downloads
    canvas.image = canvas.context.createImageData(width, height);
  }
  const { data } = canvas.image;
  const size = height * width;
  for (let at = 0; at < size; at++) {
    for (let channel = 0; channel < 3; channel++) {
      data[4 * at + channel] = Math.round(pixels[at + (channels === 3 ? channel * size : 0)] * 255);
    }
    data[4 * at + 3] = 255;
  }
  canvas.context.putImageData(canvas.image, 0, 0);
}

export class Picture {
  constructor({ title, image }, texts) {
    Object.assign(this, { title, shape: image.shape, texts });
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.heading = element("h3");
    this.caption = element("p");
    const words = element("figcaption", "", this.heading, this.caption);
    this.element = element("figure", "latent-plane-picture", this.canvas, words);
  }

  show(pixels, code, about) {
    const at = fill(this.texts.heading, { kind: this.title, code: codeText(code, DIGITS) });
    this.heading.textContent = at;
    this.caption.textContent = about;
    this.canvas.setAttribute("aria-label", fill(this.texts.alt, { at }));
    this.canvas.classList.toggle("waiting", !pixels);
    if (pixels) this.paint(pixels);
  }

  paint(pixels) {
    paint(this.canvas, pixels, this.shape);
  }
}
