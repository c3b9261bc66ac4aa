// The part of a plane in view, and the axes that Plotly draws around it.
//
// What is to be in view is a box: that of the codes' bulk, of all codes, of the prior, or one that the user has chosen.
// Whatever the size of the plot, the view is made from the box and never from what is in view: Plotly widens that for an
// equal scale, and from size to size it would grow.

import { Area, drawnArea, expectedArea } from "../shared/area.js";
import { Axes } from "../shared/axes.js";
import { range } from "./cloud.js";

/** @import { AreaView, Range } from "../shared/area.js" */
/** @import { Figure, PlotElement } from "../shared/plotly-api.d.ts" */
/** @import { Zoom } from "./data.d.ts" */
/** @import { Frames } from "./frames.js" */

const CLOSEST = 1e-4; // of the way across all codes: from there on numbers run out of digits
const FARTHEST = 20;
const TURNS = 2; // of drawing: Plotly may make room for long numbers, and then the area is another
const DIGITS = 4; // of the way across the view: finer than a pixel

export class Viewport {
  /**
   * @param {PlotElement} plot
   * @param {number} dims that the plane shows
   * @param {string} base
   */
  constructor(plot, dims, base) {
    this.plot = plot;
    this.dims = dims;
    this.axes = new Axes(plot, base);
    this.figure = /** @type {Figure | null} */ (null); // what the axes are drawn from, as soon as there is anything
    this.frames = /** @type {Frames | null} */ (null); // and what it can be fitted to
    this.zoom = /** @type {Zoom} */ (null); // chosen by the user
    this.isFitting = false;
  }

  // The drawing area; before Plotly has drawn it, the one that it is going to draw.
  area() {
    return drawnArea(this.plot) ?? this.expected();
  }

  expected() {
    if (!this.figure) return null;
    return expectedArea(this.plot, this.figure.layout, this.box(), this.axes.margins);
  }

  // What is to be in view.
  box() {
    const { zoom, frames } = this;
    if (!frames) throw new Error("There is nothing to be in view");
    if (!Array.isArray(zoom)) return frames[zoom ?? "bulk"];
    const [left, right, bottom, top] = zoom;
    const x = /** @type {Range} */ ([left, right]);
    return { x, y: this.dims === 1 ? frames.all.y : /** @type {Range} */ ([bottom, top]) };
  }

  /**
   * What Plotly holds besides the axes stays as it is.
   * @param {Set<number>} hidden labels
   */
  async draw(hidden) {
    if (!this.figure) return;
    const { traces, layout } = this.figure;
    for (const trace of traces) trace.visible = !hidden.has(trace.meta?.label ?? -1);
    const { images = [], dragmode = layout.dragmode } = this.plot.layout ?? {};
    const around = () => JSON.stringify(this.expected()?.box);
    for (let turn = 0, before = ""; turn < TURNS && before !== around(); turn++) {
      before = around();
      const { x, y } = this.expected()?.view ?? this.box();
      const [xaxis, yaxis] = [{ ...layout.xaxis, range: [...x] }, { ...layout.yaxis, range: [...y] }];
      await this.axes.draw(traces, { ...layout, xaxis, yaxis, images, dragmode });
    }
  }

  /**
   * Whether a change of Plotly's layout is a drag to another part of the plane, which the user has chosen then. A drag
   * names the ends of a range; what we change ourselves is ranges and images.
   * @param {object} change
   */
  isDragged(change) {
    const area = this.area();
    if (!area || !Object.keys(change).some((key) => key.includes("axis.range["))) return false;
    this.zoom = this.zoomOf(area.view);
    return true;
  }

  /**
   * Has this in view for a moment, while a gesture goes on.
   * @param {AreaView} view
   */
  glance({ x, y }) {
    return this.axes.change(this.dims === 1 ? { "xaxis.range": x } : { "xaxis.range": x, "yaxis.range": y });
  }

  /**
   * The view that is so many times as wide, with a place of `area` at a pixel.
   * @param {Area} area
   * @param {number[]} place
   * @param {[number, number]} pixel
   * @param {number} times
   * @returns {AreaView}
   */
  around(area, place, pixel, times) {
    const { view, width, height } = area;
    const whole = this.frames?.all.x ?? view.x;
    const [now, all] = [view.x, whole].map(([low, high]) => high - low);
    const bounded = Math.min(Math.max(times * now, CLOSEST * all), FARTHEST * all) / now;
    const part = (/** @type {Range} */ [low, high], /** @type {number} */ at, /** @type {number} */ share) => {
      const span = (high - low) * bounded;
      return /** @type {Range} */ ([at - share * span, at + (1 - share) * span]);
    };
    const x = part(view.x, place[0], pixel[0] / width);
    return { x, y: this.dims === 1 ? view.y : part(view.y, place[1], 1 - pixel[1] / height) };
  }

  /**
   * A view as the numbers that stand for it, short ones.
   * @param {AreaView} view
   */
  zoomOf({ x, y }) {
    return [x, y].slice(0, this.dims).flatMap((range) => range.map((end) => short(end, range)));
  }

  /**
   * Draws the axes until they have the size of the plot, one drawing at a time; whether there was anything to draw.
   * @param {Set<number>} hidden
   */
  async fit(hidden) {
    if (this.isFitting || this.axes.fits) return false;
    this.isFitting = true;
    while (!this.axes.fits) await this.draw(hidden);
    this.isFitting = false;
    return true;
  }

  /**
   * The zoom that has a place in view, as little else as possible moved; the present one where it is in view already.
   * @param {number[]} place
   */
  revealing(place) {
    const { x, y } = this.area()?.view ?? this.box();
    const ranges = [x, y].slice(0, this.dims);
    const isSeen = ranges.every(([low, high], axis) => low <= place[axis] && place[axis] <= high);
    if (isSeen) return this.zoom;
    const [wideX, wideY = y] = ranges.map(([low, high], axis) => range([low, high, place[axis]]));
    return this.zoomOf({ x: wideX, y: wideY });
  }
}

/**
 * A number on an axis with as many digits as matter where this is in view.
 * @param {number} value
 * @param {Range} range
 */
export function short(value, [low, high]) {
  const digits = Math.min(12, Math.max(0, DIGITS - Math.floor(Math.log10(high - low))));
  return Number(value.toFixed(digits)) + 0;
}
