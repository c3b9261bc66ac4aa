// The axes of a plot, which are Plotly's: one piece of work after the other, none for a plot that has left its page.
//
// Plotly goes on by itself after a call, and stumbles where its element is cleared or taken away meanwhile. So whatever
// comes of it, and of anything else that a plot waits for, comes only as long as the plot is on its page, and what
// Plotly holds is given back when it has done its last work.

import { element } from "./dom.js";
import { loadPlotly, plotly } from "./plotly.js";

/** @import { Plotly, PlotElement, Trace } from "./plotly-api.d.ts" */

// Plotly's own settings: tools and words are ours, and two quick clicks at different places are two clicks.
const CONFIG = { displayModeBar: false, doubleClick: false, showTips: false, responsive: false };

/**
 * An element for Plotly to draw in.
 * @param {string} className
 * @returns {PlotElement}
 */
export function plotElement(className) {
  return /** @type {PlotElement} */ (/** @type {HTMLElement} */ (element("div", className)));
}

export class Axes {
  /**
   * @param {PlotElement} plot
   * @param {string} base
   */
  constructor(plot, base) {
    this.plot = plot;
    this.base = base;
    /** @type {Promise<unknown>} */
    this.work = Promise.resolve();
    this.hasEnded = false;
    this.isDrawn = false;
  }

  get isHere() {
    return !this.hasEnded && this.plot.isConnected;
  }

  /**
   * What comes of a promise; for a plot that has left the page nothing does, not even an error.
   * @template Value
   * @param {Promise<Value>} promise
   * @returns {Promise<Value>}
   */
  here(promise) {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.isHere && resolve(value),
        (error) => this.isHere && reject(error),
      );
    });
  }

  // What Plotly says of the plot that it has drawn.
  get drawn() {
    if (!this.plot._fullLayout) throw new Error("Plotly has not drawn this plot");
    return this.plot._fullLayout;
  }

  // Whether it is drawn in the size of the plot.
  get fits() {
    const { width, height } = this.drawn;
    return width === this.plot.clientWidth && height === this.plot.clientHeight;
  }

  // Around the drawing area; undefined before Plotly has drawn it, for where numbers are long it makes room for them.
  get margins() {
    return this.plot._fullLayout?._size;
  }

  /**
   * Resolves when this is drawn, as wide and as high as the plot is by then.
   * @param {Trace[]} traces
   * @param {object} layout
   */
  draw(traces, layout) {
    return this.do((plotly) => {
      const { clientWidth: width, clientHeight: height } = this.plot;
      const config = this.isDrawn ? undefined : CONFIG; // given anew it would begin all over again
      this.isDrawn = true;
      return plotly.react(this.plot, traces, { ...layout, width, height, autosize: false }, config);
    });
  }

  /** @param {object} layout */
  change(layout) {
    return this.do((plotly) => plotly.relayout(this.plot, layout));
  }

  /**
   * @param {object} change
   * @param {number[]} traces
   */
  restyle(change, traces) {
    return this.do((plotly) => plotly.restyle(this.plot, change, traces));
  }

  /** @param {(plotly: Plotly) => Promise<unknown>} task */
  do(task) {
    const done = Promise.all([loadPlotly(this.base), this.work]).then(([plotly]) => this.isHere && task(plotly));
    this.work = done.catch(() => {}); // whoever asked for it is told
    return this.here(done);
  }

  end() {
    this.hasEnded = true;
    this.work.then(() => this.isDrawn && plotly().purge(this.plot));
  }
}
