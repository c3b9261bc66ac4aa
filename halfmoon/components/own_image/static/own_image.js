// The pad and the picture file side by side, what becomes of them as the models will see it, and the button to use it.

import { paint } from "../shared/picture.js";
import { button, element } from "../shared/dom.js";
import { Pad } from "../shared/pad.js";

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
  constructor(root, { base, shape, side, box, path, most, texts }) {
    Object.assign(this, { shape, side, box, most, texts, pixels: null, address: `${base}/${path}` });
    this.canvas = element("canvas", "own-image-preview");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", texts.preview);
    this.words = element("p", "own-image-words");
    this.words.setAttribute("role", "status");
    this.done = button("own-image-use", texts.use, () => this.use(btoa(Array.from(this.pixels, (byte) => String.fromCharCode(byte)).join(""))));
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
    this.drawn?.clear();
    this.take(null, "");
    if (chosen.size > this.most) return this.take(null, this.texts.too_large);
    const asked = (this.asked = {});
    const { pixels, words } = await this.imageOf(chosen);
    if (this.asked !== asked) return; // another has been chosen since, or drawn
    if (!pixels) return this.take(null, words);
    this.take(Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0)), chosen.name + words);
  }

  async imageOf(chosen) {
    try {
      const answer = await fetch(this.address, { method: "POST", body: chosen });
      return answer.ok ? await answer.json() : { words: await answer.text() };
    } catch {
      return { words: this.texts.unreachable };
    }
  }

  take(pixels, words) {
    this.pixels = pixels;
    this.asked = null;
    const size = this.shape.reduce((product, side) => product * side, 1);
    const shown = Float32Array.from(pixels ?? new Uint8Array(size), (value) => value / 255);
    paint(this.canvas, shown, this.shape);
    this.words.textContent = words;
    this.done.disabled = !pixels;
  }
}
