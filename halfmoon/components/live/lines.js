// The lines of the curves, painted on a canvas over Plotly's axes: they change with every record, the axes seldom.

import { context2d, element } from "../shared/dom.js";

/** @import { Axis, PlotElement } from "../shared/plotly-api.d.ts" */
/**
 * @typedef {object} Line
 * @property {number} panel counts as Plotly's axes do, from 0
 * @property {number[]} x
 * @property {number[]} y
 * @property {string} colour
 * @property {number} width
 * @property {number} opacity
 * @property {boolean} hasDots
 *
 * @typedef {HTMLCanvasElement & { lines?: Line[] }} LinesCanvas with what is drawn, for whoever wants to know
 * @typedef {(value: number) => number} Scale
 */

const FEW = 40; // points of a line that are marked as such
const DOT = 2.6; // pixels

export class Lines {
  /** @param {PlotElement} plot */
  constructor(plot) {
    this.plot = plot;
    this.canvas = /** @type {LinesCanvas} */ (element("canvas", "live-lines"));
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = context2d(this.canvas);
  }

  /** @param {Line[]} lines */
  draw(lines) {
    const { canvas, context, plot } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(plot.clientWidth * ratio), Math.round(plot.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else context.clearRect(0, 0, width, height);
    canvas.lines = lines;
    for (const line of lines) {
      const area = this.area(line.panel);
      if (!area) continue;
      context.save();
      context.scale(ratio, ratio);
      context.beginPath();
      context.rect(area.left, area.top, area.width, area.height);
      context.clip();
      this.stroke(line, area);
      context.restore();
    }
  }

  /**
   * @param {Line} line
   * @param {{ acrossOf: Scale, downOf: Scale }} area
   */
  stroke({ x, y, colour, width, opacity, hasDots }, { acrossOf, downOf }) {
    const { context } = this;
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: width, globalAlpha: opacity });
    context.lineJoin = "round";
    context.beginPath();
    for (let at = 0; at < x.length; at++) {
      if (Number.isFinite(y[at])) context.lineTo(acrossOf(x[at]), downOf(y[at]));
    }
    context.stroke();
    if (x.length > (hasDots ? FEW : 1)) return;
    context.beginPath();
    for (let at = 0; at < x.length; at++) {
      context.moveTo(acrossOf(x[at]), downOf(y[at]));
      context.arc(acrossOf(x[at]), downOf(y[at]), DOT, 0, 2 * Math.PI);
    }
    context.fill();
  }

  /** @param {number} panel */
  area(panel) {
    const name = panel ? panel + 1 : "";
    /** @type {Record<string, Axis | undefined>} */
    const { [`xaxis${name}`]: across, [`yaxis${name}`]: up } = this.plot._fullLayout ?? {};
    if (!across?._length || !up) return null;
    const isLog = across.type === "log"; // whose range is of logarithms
    const [left, right] = across.range;
    const [bottom, top] = up.range;
    return {
      left: across._offset,
      top: up._offset,
      width: across._length,
      height: up._length,
      acrossOf: (/** @type {number} */ x) =>
        across._offset + (((isLog ? Math.log10(x) : x) - left) / (right - left)) * across._length,
      downOf: (/** @type {number} */ y) =>
        up._offset + ((top - y) / (top - bottom)) * up._length,
    };
  }
}
