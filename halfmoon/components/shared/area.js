// The drawing area of a plot, in pixels of the plot, and its scale.

/** @import { Layout, Margin, PlotElement } from "./plotly-api.d.ts" */
/**
 * @typedef {[low: number, high: number]} Range
 * @typedef {{ x: Range, y: Range }} AreaView the part of the plane in view
 * @typedef {{ left: number, top: number, width: number, height: number }} Box
 */

export class Area {
  /**
   * @param {Box} box
   * @param {AreaView} view
   */
  constructor({ left, top, width, height }, view) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.height = height;
    this.view = view;
    this.perX = width / (view.x[1] - view.x[0]);
    this.perY = height / (view.y[1] - view.y[0]);
  }

  get box() {
    const { left, top, width, height } = this;
    return { left, top, width, height };
  }

  /**
   * This area with another part of the plane in view.
   * @param {AreaView} view
   */
  showing(view) {
    return new Area(this, view);
  }

  /**
   * A place of a line, which has one coordinate, is halfway up.
   * @param {number[]} place
   * @returns {[number, number]}
   */
  toPixel([x, y]) {
    const { view, perX, perY, height } = this;
    return [(x - view.x[0]) * perX, y === undefined ? height / 2 : (view.y[1] - y) * perY];
  }

  /**
   * @param {[number, number]} pixel
   * @returns {[number, number]}
   */
  toPlace([across, down]) {
    return [this.view.x[0] + across / this.perX, this.view.y[1] - down / this.perY];
  }
}

/**
 * As Plotly has drawn it, null where it has not; the ranges are read anew, for they change while one drags.
 * @param {PlotElement} plot
 */
export function drawnArea(plot) {
  const { xaxis, yaxis } = plot._fullLayout ?? {};
  if (!xaxis?._length || !yaxis) return null;
  const box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
  return new Area(box, { x: [...xaxis.range], y: [...yaxis.range] });
}

/**
 * As Plotly is going to draw a layout with this in view: with axes of equal scale the longer side shows more.
 * @param {HTMLElement} plot
 * @param {Layout} layout
 * @param {AreaView} view
 * @param {Margin} [margin] around the area, if it is known to be another than the layout's
 */
export function expectedArea(plot, { margin: usual, yaxis }, view, margin = usual) {
  const width = plot.clientWidth - margin.l - margin.r;
  const height = plot.clientHeight - margin.t - margin.b;
  if (width <= 0 || height <= 0) return null;
  const box = { left: margin.l, top: margin.t, width, height };
  const area = new Area(box, view);
  if (!yaxis.scaleanchor) return area;
  const scale = Math.min(area.perX, area.perY);
  return new Area(box, { x: about(middle(view.x), width / scale), y: about(middle(view.y), height / scale) });
}

/**
 * The range of this width around a centre.
 * @param {number} centre
 * @param {number} span
 * @returns {Range}
 */
function about(centre, span) {
  return [centre - span / 2, centre + span / 2];
}

/** @param {Range} range */
function middle([low, high]) {
  return (low + high) / 2;
}
