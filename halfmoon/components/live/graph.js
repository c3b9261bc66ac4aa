// A Plotly figure that is drawn again and again: one drawing at a time, the newest, and a zoom by the user is kept.

import { Axes } from "../shared/axes.js";
import { element } from "../shared/dom.js";
import { onThemeChange, readTheme } from "../shared/theme.js";

const CONFIG = { displayModeBar: false, doubleClick: false, showTips: false, responsive: false };

export class Graph {
  // `figure(theme, width)` gives { traces, layout }; `zoomed(is)` is told whether the user has chosen what is in view;
  // `drawn()` is called when the axes stand, and while the user moves them.
  constructor({ base, label, className, figure, zoomed, drawn = () => {} }) {
    Object.assign(this, { figure, zoomed, drawn });
    this.plot = element("div", `live-plot ${className}`);
    this.plot.setAttribute("role", "img");
    this.plot.setAttribute("aria-label", label);
    this.axes = new Axes(this.plot, base, () => CONFIG);
    this.element = element("div", "live-graph", this.plot);
    this.zoom = null; // the ranges that the user has chosen; Plotly's own memory of them ends where we give others
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
      this.frame = undefined;
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

  setZoom(ranges) {
    this.zoom = ranges;
    this.zoomed(ranges !== null);
  }

  // Those in view.
  ranges() {
    const axes = Object.entries(this.plot._fullLayout).filter(([name]) => /^[xy]axis\d*$/.test(name));
    return Object.fromEntries(axes.map(([name, { range }]) => [name, [...range]]));
  }

  remove() {
    cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
    this.stopWatching();
    this.axes.end();
  }
}
