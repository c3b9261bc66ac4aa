// The pad and the picture file side by side, what becomes of them as the models will see it, and the button to use it.

import { paint } from "../latent_plane/picture.js";
import { button, element } from "../latent_plane/dom.js";
import { Pad, fitted, normalise } from "../latent_plane/pad.js";
import { PictureError, inkOf } from "./picture_file.js";

// Called with every run of the page, and anew when another data set is chosen.
export function show(root, data, use) {
  const stamp = JSON.stringify(data);
  if (root.stamp !== stamp) {
    root.stamp = stamp;
    root.maker = new Maker(root, data);
  }
  root.maker.use = use; // of the latest run
}

class Maker {
  constructor(root, { side, box, texts }) {
    Object.assign(this, { side, box, texts, pixels: null });
    this.canvas = element("canvas", "own-image-preview");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", texts.preview);
    this.words = element("p", "own-image-words");
    this.words.setAttribute("role", "status");
    this.done = button("own-image-use", texts.use, () => this.use(btoa(String.fromCharCode(...this.pixels))));
    const left = box ? [this.pad().element] : [];
    root.replaceChildren(...left, this.chooser(), this.canvas, this.words, this.done);
    this.take(null, "");
  }

  pad() {
    const { texts } = this;
    this.drawn = new Pad({
      side: this.side,
      box: this.box,
      texts: { title: texts.pad_title, clear: texts.pad_clear, hint: texts.pad_hint },
      onDrawing: (pixels) => this.take(pixels, ""),
    });
    return this.drawn;
  }

  chooser() {
    const file = element("input");
    Object.assign(file, { type: "file", accept: "image/*" });
    file.onchange = () => file.files.length && this.read(file);
    return element("label", "own-image-file", this.texts.file, file);
  }

  async read(file) {
    const [chosen] = file.files;
    file.value = ""; // the same file may be chosen again
    try {
      const { ink, width, height } = await inkOf(chosen, Boolean(this.box));
      this.drawn?.clear();
      const pixels = this.box
        ? normalise(ink, width, height, this.side, this.box)
        : fitted(ink, width, height, this.side);
      this.take(pixels, chosen.name);
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      const { texts } = this;
      this.take(null, { too_large: texts.too_large, broken: texts.broken, empty: texts.empty }[error.message]);
    }
  }

  take(pixels, words) {
    this.pixels = pixels;
    const shown = Float32Array.from(pixels ?? new Uint8Array(this.side ** 2), (value) => value / 255);
    paint(this.canvas, shown, [1, this.side, this.side]);
    this.words.textContent = words;
    this.done.disabled = !pixels;
  }
}
