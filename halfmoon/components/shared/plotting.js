// A plane as a file.

import { toShapes } from "../latent_plane/outlines.js";
import { plotly } from "./plotly.js";

/** @import { Dots } from "./dots.js" */
/** @import { Line } from "../latent_plane/outlines.js" */
/** @import { Mark } from "../latent_plane/overlay.js" */
/** @import { PlotElement } from "./plotly-api.d.ts" */
/** @import { Theme } from "./theme.js" */
/** @typedef {"png" | "svg"} Format */

/**
 * The plane as it is seen, with its layers and pins, as a PNG of twice the size or as an SVG.
 * @param {{ plot: PlotElement, dots: Dots, theme: Theme, beneath: { lines: { lines: Line[] } } }} plane
 * @param {Mark[]} pins
 * @param {Format} format
 * @param {string} name
 */
export async function download({ plot, dots, theme, beneath }, pins, format, name) {
  const { width, height } = plot.getBoundingClientRect();
  const before = plot.layout ?? {};
  const shapes = [...beneath.lines.lines.flatMap((line) => toShapes(line, theme)), ...pins.map((pin) => pinShape(pin, theme))];
  const images = [...(before.images ?? []), dotsImage(dots.canvas)];
  const layout = { ...before, paper_bgcolor: theme.background, shapes, images };
  const figure = { data: plot.data, layout };
  const address = await plotly().toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 });
  save(address, `${name}.${format}`);
}

/**
 * @param {string} address
 * @param {string} name
 */
export function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/**
 * The dots, over everything that is drawn beneath them, as faint as they are seen.
 * @param {HTMLCanvasElement} canvas
 */
function dotsImage(canvas) {
  const whole = { xref: "paper", yref: "paper", x: 0, y: 1, sizex: 1, sizey: 1, sizing: "stretch", layer: "below" };
  return { ...whole, source: canvas.toDataURL(), opacity: Number(getComputedStyle(canvas).opacity) };
}

/**
 * @param {Mark} pin
 * @param {Theme} theme
 */
function pinShape({ place, kind, label }, theme) {
  const line = { color: theme.text, width: 2 };
  if (place.length === 1) return { type: "line", x0: place[0], x1: place[0], yref: "paper", y0: 0, y1: 1, line };
  const radius = kind === "pin" ? 9 : 8;
  return {
    type: "circle",
    xsizemode: "pixel",
    ysizemode: "pixel",
    xanchor: place[0],
    yanchor: place[1],
    x0: -radius,
    x1: radius,
    y0: -radius,
    y1: radius,
    line,
    label: label ? { text: String(label), font: { color: theme.text, size: 10 } } : undefined,
  };
}
