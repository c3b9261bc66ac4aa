// A Plotly figure that is drawn again and again: one drawing at a time, the newest, and a zoom by the user is kept.

import { Axes, plotElement } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { onThemeChange, readTheme } from "../shared/theme.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Axis, Figure } from "../shared/plotly-api.d.ts" */
/** @import { Theme } from "../shared/theme.js" */


export class Graph {
  /**
   * `zoomed(is)` is told whether the user has chosen what is in view; `drawn()` is called when the axes stand, and while
   * the user moves them.
   * @param {{
   *   base: string, label: string, className: string, figure: (theme: Theme, width: number) => Figure,
   *   zoomed: (is: boolean) => void, drawn: () => void,
   * }} graph
   */
  constructor({ base, label, className, figure, zoomed, drawn }) {
    this.figure = figure;
    this.zoomed = zoomed;
    this.drawn = drawn;
    this.plot = plotElement(`live-plot ${className}`);
    this.plot.setAttribute("role", "img");
    this.plot.setAttribute("aria-label", label);
    this.axes = new Axes(this.plot, base);
    this.element = element("div", "live-graph", this.plot);
    // The ranges that the user has chosen, by axis; Plotly's own memory of them ends where we give others.
    this.zoom = /** @type {Record<string, Range> | null} */ (null);
    this.theme = /** @type {Theme | null} */ (null); // not read yet
    this.frame = /** @type {number | null} */ (null); // that has been asked for
    this.isDue = false;
    this.isDrawn = false;
    this.stopWatching = onThemeChange(this.element, () => {
      this.theme = null;
      this.draw();
    });
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.plot);
  }

  // At the next frame, however often it is called before; one drawing at a time.
  draw() {
    this.isDue = true;
    this.frame ??= requestAnimationFrame(() => this.drawNow());
  }

  async drawNow() {
    this.isDue = false;
    try {
      if (this.axes.isHere && this.plot.clientWidth) await this.drawFigure();
    } finally {
      this.frame = null;
      if (this.isDue) this.draw();
    }
  }

  async drawFigure() {
    if (this.plot._dragging) return void this.draw(); // when the hand has let go
    this.theme ??= readTheme(this.element);
    const { traces, layout } = this.figure(this.theme, this.plot.clientWidth);
    for (const [name, range] of Object.entries(this.zoom ?? {})) layout[name].range = [...range];
    await this.axes.draw(traces, layout);
    if (!this.isDrawn) this.listen();
    this.drawn();
  }

  listen() {
    this.isDrawn = true;
    this.plot.on("plotly_relayouting", () => this.drawn());
    this.plot.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => /axis\d*\.range/.test(key))) this.setZoom(this.ranges());
      this.drawn();
    });
    this.plot.on("plotly_doubleclick", () => this.giveBack());
  }

  // From now on the view follows what is drawn again.
  giveBack() {
    this.setZoom(null);
    this.draw();
  }

  /** @param {Record<string, Range> | null} ranges */
  setZoom(ranges) {
    this.zoom = ranges;
    this.zoomed(ranges !== null);
  }

  /**
   * Those in view.
   * @returns {Record<string, Range>}
   */
  ranges() {
    /** @type {[name: string, axis: Axis][]} */
    const axes = Object.entries(this.plot._fullLayout ?? {}).filter(([name]) => /^[xy]axis\d*$/.test(name));
    return Object.fromEntries(axes.map(([name, { range: [low, high] }]) => [name, [low, high]]));
  }

  remove() {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
    this.stopWatching();
    this.axes.end();
  }
}
