// A contact sheet: the images decoded from the selected codes.

import { button, element, fill } from "../shared/dom.js";
import { paint } from "../shared/picture.js";
import { saveSelection } from "./tables.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Plane } from "./plane.js" */

const MAX_IMAGES = 60;

export class Sheet {
  /**
   * @param {Texts} texts
   * @param {() => void} close
   */
  constructor(texts, close) {
    this.texts = texts;
    this.close = close;
    this.element = element("section", "latent-plane-sheet");
    this.element.hidden = true;
  }

  /**
   * Those of hidden classes are left out.
   * @param {Plane | null} plane
   * @param {number[] | null} indices of its points; null for none
   */
  show(plane, indices) {
    this.element.hidden = !plane || !indices;
    if (!plane || !indices) return this.element.replaceChildren();
    const seen = indices.filter((index) => plane.isShown(index));
    const shown = seen.slice(0, MAX_IMAGES);
    const close = button("", "×", this.close);
    close.setAttribute("aria-label", this.texts.close);
    const words = this.heading(plane, seen.length, shown.length, indices.length - seen.length);
    const title = element("h3", "", words, ...this.tableOf(plane, seen), close);
    this.element.replaceChildren(title, element("div", "", ...shown.map((index) => decoded(plane, index))));
  }

  /**
   * The button that saves what is selected.
   * @param {Plane} plane
   * @param {number[]} indices
   */
  tableOf(plane, indices) {
    const { points } = plane;
    if (!points) return [];
    const table = button("", "CSV", () => saveSelection(plane, points, indices));
    table.title = table.ariaLabel = this.texts.save_selection;
    return [table];
  }

  /**
   * @param {Plane} plane
   * @param {number} count
   * @param {number} shown
   * @param {number} hidden
   */
  heading({ spec }, count, shown, hidden) {
    const text = count > shown ? this.texts.selected_some : this.texts.selected;
    const heading = fill(text, { count: count.toLocaleString(), shown, kind: spec.title });
    return hidden ? heading + fill(this.texts.selected_hidden, { count: hidden.toLocaleString() }) : heading;
  }
}

/**
 * @param {Plane} plane
 * @param {number} index of a point
 */
function decoded(plane, index) {
  const canvas = element("canvas");
  const pixels = plane.points && plane.image(plane.points.code(index));
  if (pixels) paint(canvas, pixels, plane.spec.image.shape);
  const { name, colour } = plane.classes[plane.points?.labels[index] ?? 0];
  canvas.style.setProperty("--class-colour", colour);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  canvas.title = name;
  return canvas;
}
