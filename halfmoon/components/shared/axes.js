// The axes of a plot, which are Plotly's: one piece of work after the other, none for a plot that has left its page.
//
// Plotly goes on by itself after a call, and stumbles where its element is cleared or taken away meanwhile. So whatever
// comes of it, and of anything else that a plot waits for, comes only as long as the plot is on its page, and what
// Plotly holds is given back when it has done its last work.

import { loadPlotly } from "./plotly.js";

export class Axes {
  // `config(Plotly)` gives Plotly's own settings of the plot.
  constructor(plot, base, config) {
    Object.assign(this, { plot, base, config });
    this.work = Promise.resolve();
    this.hasEnded = false;
    this.isDrawn = false;
  }

  get isHere() {
    return !this.hasEnded && this.plot.isConnected;
  }

  // What comes of a promise; for a plot that has left the page nothing does, not even an error.
  here(promise) {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.isHere && resolve(value),
        (error) => this.isHere && reject(error),
      );
    });
  }

  // Whether it is drawn in the size of the plot.
  get fits() {
    const { width, height } = this.plot._fullLayout;
    return width === this.plot.clientWidth && height === this.plot.clientHeight;
  }

  // Pixels along x and y that the plot, once it is drawn in its size, has within its margins.
  get lengths() {
    const { l, r, t, b } = this.plot._fullLayout._size;
    return [this.plot.clientWidth - l - r, this.plot.clientHeight - t - b];
  }

  // Resolves when this is drawn, as wide and as high as the plot is by then.
  draw(traces, layout) {
    return this.do((Plotly) => {
      const { clientWidth: width, clientHeight: height } = this.plot;
      const config = this.isDrawn ? undefined : this.config(Plotly); // given anew it would begin all over again
      this.isDrawn = true;
      return Plotly.react(this.plot, traces, { ...layout, width, height, autosize: false }, config);
    });
  }

  change(layout) {
    return this.do((Plotly) => Plotly.relayout(this.plot, layout));
  }

  restyle(change, traces) {
    return this.do((Plotly) => Plotly.restyle(this.plot, change, traces));
  }

  do(task) {
    const done = Promise.all([loadPlotly(this.base), this.work]).then(([Plotly]) => this.isHere && task(Plotly));
    this.work = done.catch(() => {}); // whoever asked for it is told
    return this.here(done);
  }

  end() {
    this.hasEnded = true;
    this.work.then(() => this.isDrawn && window.Plotly.purge(this.plot));
  }
}
