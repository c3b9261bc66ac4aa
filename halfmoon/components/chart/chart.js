// Two buttons that save the figure above them as it is seen, and with the `legend` that the page has elsewhere: PNG in
// twice its size, or SVG.

import { loadPlotly } from "../shared/plotly.js";
import { save } from "../shared/plotting.js";

// Called when a figure comes, and again whenever it changes.
export function show(root, { base, chart, name, legend, labels }) {
  const buttons = Object.entries(labels).map(([format, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = format.toUpperCase();
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => download(base, chart, name, legend, format));
    return button;
  });
  root.replaceChildren(...buttons);
}

async function download(base, chart, name, legend, format) {
  const plot = document.querySelector(`.st-key-${chart} .js-plotly-plot`);
  if (!plot) return; // not drawn yet
  const { width, height } = plot.getBoundingClientRect();
  const paper_bgcolor = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  const showlegend = legend || plot.layout.showlegend;
  const figure = { data: plot.data, layout: { ...plot.layout, paper_bgcolor, showlegend } };
  const plotly = await loadPlotly(base);
  save(await plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 }), `${name}.${format}`);
}
