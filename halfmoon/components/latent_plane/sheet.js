// A contact sheet: the images decoded from the selected codes.

import { button, element, fill } from "../shared/dom.js";
import { paint } from "../shared/picture.js";
import { saveSelection } from "./tables.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Plane } from "./plane.js" */

const MAX_IMAGES = 60;

export class Sheet {
  /** @param {Texts} texts */
  constructor(texts) {
    this.texts = texts;
    this.element = element("section", "latent-plane-sheet");
    this.element.hidden = true;
  }

  /**
   * @param {Plane} plane
   * @param {number[] | null} indices of its points; null for none
   */
  show(plane, indices) {
    const { points } = plane;
    this.element.hidden = !indices;
    if (!indices || !points) return;
    const shown = indices.slice(0, MAX_IMAGES);
    const text = indices.length > MAX_IMAGES ? this.texts.selected_some : this.texts.selected;
    const heading = fill(text, { count: indices.length, shown: shown.length, kind: plane.spec.title });
    const images = shown.map((index) => {
      const canvas = element("canvas");
      const code = points.code(index);
      const pixels = plane.image(code);
      if (pixels) paint(canvas, pixels, plane.spec.image.shape);
      const { name, colour } = plane.classes[points.labels[index]];
      canvas.style.setProperty("--class-colour", colour);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", name);
      canvas.title = name;
      return canvas;
    });
    const close = button("", "×", () => plane.clearSelection());
    close.setAttribute("aria-label", this.texts.close);
    const table = button("", "CSV", () => saveSelection(plane, points, indices));
    table.title = table.ariaLabel = this.texts.save_selection;
    const title = element("h3", "", heading, table, close);
    this.element.replaceChildren(title, element("div", "", ...images));
  }
}
