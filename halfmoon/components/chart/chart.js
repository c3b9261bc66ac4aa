// Two buttons that save the figure above them as it is seen, and with the `legend` that the page has elsewhere: PNG in
// twice its size, or SVG.

import { button } from "../shared/dom.js";
import { loadPlotly } from "../shared/plotly.js";
import { save } from "../shared/plotting.js";

/** @import { PlotElement } from "../shared/plotly-api.d.ts" */
/** @typedef {{ base: string, chart: string, name: string, legend: boolean, labels: Record<string, string> }} Data */

export default class Chart {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {Data} data */
  show(data) {
    const buttons = Object.entries(data.labels).map(([format, label]) => {
      const made = button("", format.toUpperCase(), () => download(data, format));
      made.title = label;
      made.setAttribute("aria-label", label);
      return made;
    });
    this.root.replaceChildren(...buttons);
  }
}

/**
 * @param {Data} data
 * @param {string} format
 */
async function download({ base, chart, name, legend }, format) {
  const plot = /** @type {PlotElement | null} */ (document.querySelector(`.st-key-${chart} .js-plotly-plot`));
  const page = document.querySelector(".stApp");
  if (!plot?.layout || !page) return; // not drawn yet
  const { width, height } = plot.getBoundingClientRect();
  const paper_bgcolor = getComputedStyle(page).backgroundColor;
  const showlegend = legend || plot.layout.showlegend;
  const figure = { data: plot.data, layout: { ...plot.layout, paper_bgcolor, showlegend } };
  const plotly = await loadPlotly(base);
  save(await plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 }), `${name}.${format}`);
}
