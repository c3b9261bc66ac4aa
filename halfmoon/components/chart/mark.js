// A mark on a figure at the frame that the films show: a dot, or a line where only the way across is known.

import { drawnArea } from "../shared/area.js";
import { element } from "../shared/dom.js";
import { frameShown, watchFrame } from "../shared/frames.js";
import { INK } from "../shared/paper.js";

/** @import { PlotElement } from "../shared/plotly-api.d.ts" */
/** @typedef {{ x: number[], y: number[] | null }} Marks */

const RADIUS = 7; // pixels, as in the styles

export class Mark {
  /**
   * @param {HTMLElement} root whose colours it has
   * @param {string} chart the key of the figure
   * @param {Marks} marks
   */
  constructor(root, chart, marks) {
    this.root = root;
    this.chart = chart;
    this.marks = marks;
    this.mark = element("i", marks.y ? "chart-dot" : "chart-line");
    this.unwatch = watchFrame(() => this.place());
    // The figure is drawn by Streamlit, later than this, and anew when its size changes.
    this.drawn = new MutationObserver(() => this.place());
    this.resized = new ResizeObserver(() => this.place());
    const holder = document.querySelector(`.st-key-${chart}`);
    if (holder) {
      this.drawn.observe(holder, { childList: true, subtree: true });
      this.resized.observe(holder);
    }
    this.place();
  }

  place() {
    const plot = plotOf(this.chart);
    const area = plot && drawnArea(plot);
    if (!plot || !area) return;
    if (this.mark.parentElement !== plot) plot.append(this.mark);
    const { x, y } = this.marks;
    const frame = Math.min(frameShown(), x.length - 1);
    const [across, down] = area.toPixel(y ? [x[frame], y[frame]] : [x[frame]]);
    const { style } = this.mark;
    style.background = getComputedStyle(this.root).getPropertyValue("--st-primary-color");
    style.left = `${area.left + Math.min(Math.max(across, 0), area.width)}px`;
    style.top = `${area.top + (y ? down : 0)}px`;
    if (!y) style.height = `${area.height}px`;
  }

  /** The mark as shapes of a figure that is printed. */
  shapes() {
    const { x, y } = this.marks;
    const frame = Math.min(frameShown(), x.length - 1);
    const line = { color: INK, width: 2 };
    if (!y) return [{ type: "line", x0: x[frame], x1: x[frame], yref: "paper", y0: 0, y1: 1, line }];
    const ends = { x0: -RADIUS, x1: RADIUS, y0: -RADIUS, y1: RADIUS };
    const place = { xsizemode: "pixel", ysizemode: "pixel", xanchor: x[frame], yanchor: y[frame] };
    return [{ type: "circle", ...place, ...ends, fillcolor: line.color, line: { color: "#ffffff", width: 2 } }];
  }

  end() {
    this.unwatch();
    this.drawn.disconnect();
    this.resized.disconnect();
    this.mark.remove();
  }
}

/** @param {string} chart */
export function plotOf(chart) {
  return /** @type {PlotElement | null} */ (document.querySelector(`.st-key-${chart} .js-plotly-plot`));
}
