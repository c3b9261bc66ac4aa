// The part of a plane in view, and the axes that Plotly draws around it.

import { about, drawnArea, expectedArea } from "../shared/area.js";
import { Axes } from "../shared/axes.js";
import { range } from "./cloud.js";

/** @import { Figure, PlotElement, Plotly } from "../shared/plotly-api.d.ts" */

export class Viewport {
  /**
   * @param {PlotElement} plot
   * @param {number} dims that the plane shows
   * @param {string} base
   * @param {(plotly: Plotly) => object} config Plotly's own settings
   */
  constructor(plot, dims, base, config) {
    this.plot = plot;
    this.dims = dims;
    this.axes = new Axes(plot, base, config);
    this.figure = /** @type {Figure | null} */ (null); // what the axes are drawn from, as soon as there is anything
    this.zoom = /** @type {{ centre: [number, number], scale: number } | null} */ (null); // chosen by the user
    this.isFitting = false;
  }

  // The drawing area; before Plotly has drawn it, the one that it is going to draw.
  area() {
    return drawnArea(this.plot) ?? (this.figure ? expectedArea(this.plot, this.figure.layout) : null);
  }

  /**
   * What Plotly holds beside the axes stays as it is.
   * @param {Set<number>} hidden labels
   */
  async draw(hidden) {
    if (!this.figure) return;
    const { traces, layout } = this.figure;
    for (const trace of traces) trace.visible = !hidden.has(trace.meta?.label ?? -1);
    const { images = [], shapes = [], selections = [], dragmode = layout.dragmode } = this.plot.layout ?? {};
    const { x, y } = this.toSee(this.figure);
    const [xaxis, yaxis] = [{ ...layout.xaxis, range: [...x] }, { ...layout.yaxis, range: [...y] }];
    await this.axes.draw(traces, { ...layout, xaxis, yaxis, images, shapes, selections, dragmode });
  }

  /**
   * What is to be in view, made from the plane's own ranges, or the user's zoom, for the size of the plot. It never is
   * made from what is in view: Plotly widens that for an equal scale, and from size to size it would grow.
   * @param {Figure} figure
   */
  toSee({ layout }) {
    const { zoom } = this;
    const { xaxis, yaxis } = layout;
    const whole = expectedArea(this.plot, layout)?.view ?? { x: xaxis.range, y: yaxis.range };
    if (!zoom) return whole;
    const [x, y] = this.axes.lengths.map((length, at) => about(zoom.centre[at], length / zoom.scale));
    return { x, y: this.dims === 1 ? whole.y : y };
  }

  /**
   * Whether a change of Plotly's layout is another part of the plane, which the user has chosen then.
   * @param {object} change
   */
  isMoved(change) {
    const area = this.area();
    if (!area || !Object.keys(change).some((key) => key.includes("axis"))) return false; // our own images and shapes
    this.zoom = { centre: area.toPlace([area.width / 2, area.height / 2]), scale: area.perX };
    return true;
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
   * Has a place in view, as little else as possible moved.
   * @param {number[]} place
   */
  reveal(place) {
    const ranges = Object.values(this.area()?.view ?? {}).slice(0, this.dims);
    const isSeen = ranges.every(([low, high], axis) => low <= place[axis] && place[axis] <= high);
    if (isSeen) return;
    const wider = ranges.map(([low, high], axis) => range([low, high, place[axis]]));
    const names = ["xaxis.range", "yaxis.range"].slice(0, this.dims);
    this.axes.change(Object.fromEntries(names.map((name, axis) => [name, wider[axis]])));
  }
}
