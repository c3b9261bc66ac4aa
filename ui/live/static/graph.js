// A Plotly figure that is drawn again and again: one drawing at a time, the newest, and a zoom by the user is kept.

import { element } from "../latent_plane/dom.js";
import { loadPlotly } from "../latent_plane/plotly.js";
import { onThemeChange, readTheme } from "../latent_plane/theme.js";

const CONFIG = { displayModeBar: false, doubleClick: false, showTips: false, responsive: false };

export class Graph {
  // `figure(theme, width)` gives { traces, layout }; `zoomed(is)` is told whether the user has chosen what is in view;
  // `drawn()` is called when the axes stand, and while the user moves them.
  constructor({ base, label, className, figure, zoomed, drawn = () => {} }) {
    Object.assign(this, { base, figure, zoomed, drawn });
    this.plot = element("div", `live-plot ${className}`);
    this.plot.setAttribute("role", "img");
    this.plot.setAttribute("aria-label", label);
    this.element = element("div", "live-graph", this.plot);
    this.isZoomed = false; // Plotly's own memory of it, uirevision, ends where the ranges that we give change
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
      await loadPlotly(this.base);
      const { clientWidth: width, clientHeight: height } = this.plot;
      if (this.isGone || !width || !this.element.isConnected) return;
      this.theme ??= readTheme(this.element);
      if (this.plot._dragging) return void this.draw(); // when the hand has let go
      const { traces, layout } = this.figure(this.theme, width);
      if (this.isZoomed) this.keepRanges(layout);
      await window.Plotly.react(this.plot, traces, { ...layout, width, height, autosize: false }, CONFIG);
      if (this.isGone) return;
      if (!this.isDrawn) this.listen();
      this.drawn();
    } finally {
      this.frame = undefined;
      if (this.isDue) this.draw();
    }
  }

  listen() {
    this.isDrawn = true;
    this.plot.on("plotly_relayouting", () => this.drawn());
    this.plot.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => /axis\d*\.range/.test(key))) this.setZoomed(true);
      this.drawn();
    });
    this.plot.on("plotly_doubleclick", () => this.giveBack());
  }

  // From now on the view follows what is drawn again.
  giveBack() {
    this.setZoomed(false);
    this.draw();
  }

  setZoomed(is) {
    this.isZoomed = is;
    this.zoomed(is);
  }

  keepRanges(layout) {
    for (const [name, axis] of Object.entries(layout)) {
      const shown = /^[xy]axis/.test(name) && this.plot._fullLayout[name];
      if (shown) axis.range = [...shown.range];
    }
  }

  remove() {
    this.isGone = true;
    cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
    this.stopWatching();
    if (this.isDrawn) window.Plotly.purge(this.plot);
  }
}
