// Two buttons that save the figure above them as it is seen, and with the `legend` that the page has elsewhere: PNG in
// twice its size, or SVG; and the mark on it that follows the films.

import { button } from "../shared/dom.js";
import { loadPlotly } from "../shared/plotly.js";
import { save } from "../shared/plotting.js";
import { Mark, plotOf } from "./mark.js";

/** @import { Marks } from "./mark.js" */
/**
 * @typedef {object} Data
 * @property {string} base
 * @property {string} chart
 * @property {string} name
 * @property {boolean} legend
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
      const made = button("", format.toUpperCase(), () => this.download(data, format));
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
   * @param {string} format
   */
  async download({ base, chart, name, legend }, format) {
    const plot = plotOf(chart);
    const page = document.querySelector(".stApp");
    if (!plot?.layout || !page) return; // not drawn yet
    const { width, height } = plot.getBoundingClientRect();
    const paper_bgcolor = getComputedStyle(page).backgroundColor;
    const shapes = [...(plot.layout.shapes ?? []), ...(this.mark?.shapes() ?? [])];
    const showlegend = legend || plot.layout.showlegend;
    const figure = { data: plot.data, layout: { ...plot.layout, paper_bgcolor, showlegend, shapes } };
    const plotly = await loadPlotly(base);
    save(await plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 }), `${name}.${format}`);
  }

  end() {
    this.mark?.end();
  }
}
