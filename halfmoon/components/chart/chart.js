// Two buttons that save the figure above them, with its title and legend, for a paper: as PNG or SVG; and the mark on it
// that follows the films.

import { button } from "../shared/dom.js";
import { printPlot } from "../shared/print-plot.js";
import { Mark, plotOf } from "./mark.js";

/** @import { Format } from "../shared/files.js" */
/** @import { Marks } from "./mark.js" */
/**
 * @typedef {object} Data
 * @property {string} base
 * @property {string} chart
 * @property {string} name
 * @property {string} title
 * @property {Marks | null} marks
 * @property {Record<string, string>} labels
 */

export default class Chart {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.mark = /** @type {Mark | null} */ (null);
  }

  /** @param {Data} data */
  show(data) {
    const buttons = Object.entries(data.labels).map(([format, label]) => {
      const made = button("", format.toUpperCase(), () => this.download(data, /** @type {Format} */ (format)));
      made.title = label;
      made.setAttribute("aria-label", label);
      return made;
    });
    this.root.replaceChildren(...buttons);
    this.mark?.end();
    this.mark = data.marks && new Mark(this.root, data.chart, data.marks);
  }

  /**
   * @param {Data} data
   * @param {Format} format
   */
  async download({ base, chart, name, title }, format) {
    const plot = plotOf(chart);
    if (!plot?.layout) return; // not drawn yet
    await printPlot(base, plot, { name, title, format, shapes: this.mark?.shapes() ?? [] });
  }

  end() {
    this.mark?.end();
  }
}
