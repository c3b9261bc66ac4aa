// A plot of Plotly's as a picture for a paper: with a title, a legend, letters that can be read, dark on white.

import { save } from "./files.js";
import { COLUMN, FONT, GRID, INK, LINE, PIXELS, TYPE, widthFor, wrapped } from "./paper.js";
import { loadPlotly } from "./plotly.js";

/** @import { Format } from "./files.js" */
/** @import { PlotElement, Trace } from "./plotly-api.d.ts" */

const EDGE = 6; // pixels

/**
 * Saves a plot; `title` stands over one that has none, `shapes` are what is drawn on it besides its own.
 * @param {string} base
 * @param {PlotElement} plot
 * @param {{ name: string, title: string, format: Format, shapes?: object[] }} file
 */
export async function printPlot(base, plot, { name, title, format, shapes = [] }) {
  const layout = plot.layout ?? {};
  const screen = plot.getBoundingClientRect();
  const width = widthFor(screen);
  const named = plot.data?.filter((trace) => isNamed(trace)) ?? [];
  const lines = wrapped((layout.title?.text || title).replace(/<[^>]+>/g, " "), width - 2 * EDGE, 600);
  const rows = named.length ? Math.ceil(named.length / (width > COLUMN ? 4 : 2)) : 0;
  const height = (width * screen.height) / screen.width + (lines.length + rows) * LINE;
  const font = { family: FONT, size: TYPE, color: INK };
  const printed = {
    ...layout,
    ...axesOf(layout, font),
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    font,
    title: { text: `<b>${lines.map(escaped).join("<br>")}</b>`, font, x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { l: EDGE, t: EDGE } },
    margin: { l: 10, r: 12, t: lines.length * LINE + 2 * EDGE, b: rows * LINE + 4 * EDGE },
    showlegend: named.length > 0,
    legend: { orientation: "h", x: 0, xref: "paper", y: 0, yref: "container", yanchor: "bottom", font, bgcolor: "#ffffff" },
    shapes: [...(layout.shapes ?? []), ...shapes],
    width,
    height,
  };
  const plotly = await loadPlotly(base);
  const options = { format, width, height, scale: format === "png" ? PIXELS : 1 };
  const data = plot.data?.map((trace) => ({ ...trace, showlegend: isNamed(trace) }));
  save(await plotly.toImage({ data, layout: printed }, options), `${name}.${format}`);
}

/**
 * Whether a trace has a name that somebody gave it, and is to be told from others.
 * @param {Trace} trace
 */
function isNamed({ name, showlegend, visible }) {
  return Boolean(name) && showlegend !== false && visible !== false;
}

/**
 * All axes of a layout in the paper's colours.
 * @param {Record<string, any>} layout
 * @param {object} font
 */
function axesOf(layout, font) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name));
  const look = { gridcolor: GRID, zerolinecolor: GRID, linecolor: INK, tickfont: font, automargin: true };
  return Object.fromEntries(
    axes.map(([name, axis]) => [name, { ...axis, ...look, title: { ...axis.title, font, standoff: 4 } }]),
  );
}

/** @param {string} words */
function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
