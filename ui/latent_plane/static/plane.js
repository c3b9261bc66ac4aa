// One plane: fetches its points, draws them, reports clicks, marks the pin.
// Its state lives on its own element, which outlives the reruns of the page.

import { cloud } from "./cloud.js";
import { hit } from "./hit.js";
import { legend } from "./legend.js";
import { strip } from "./strip.js";
import { fetchPoints } from "./points.js";
import { loadPlotly } from "./plotly.js";
import { onThemeChange, readTheme } from "./theme.js";

// Called by every run of the page.
export function show(root, data, setTriggerValue) {
  root.plane ??= new Plane(root);
  root.plane.show(data, setTriggerValue);
}

// Called when the page is left, and before it is shown anew: only an element that has gone is cleared.
export function leave(root) {
  setTimeout(() => root.isConnected || root.plane?.remove(), 1000);
}

class Plane {
  constructor(root) {
    this.root = root;
    this.plot = element("div", "latent-plane-plot");
    this.legend = element("div", "latent-plane-legend");
    this.message = element("div", "latent-plane-message");
    root.replaceChildren(this.plot, this.legend, this.message);
    this.stopWatching = onThemeChange(root, () => this.drawn && this.draw());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.plot);
  }

  async show(data, setTriggerValue) {
    const before = this.data;
    this.data = data;
    this.report = (click) => setTriggerValue("click", click);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", data.label);
    document.documentElement.lang = data.language; // Streamlit says "en" whatever the texts are
    if (before && sameButPin(before, data)) {
      if (this.drawn) this.markPin(data.pin);
      return;
    }
    try {
      if (!this.drawn) this.message.textContent = data.texts.loading;
      const [, points] = await Promise.all([loadPlotly(data.base), fetchPoints(data.base, data.points)]);
      if (this.data.points.path !== data.points.path) return; // overtaken by a later run of the page
      this.points = points;
      await this.draw();
      this.message.textContent = "";
    } catch (error) {
      console.error(error);
      this.message.textContent = data.texts.failed;
    }
  }

  async draw() {
    const { classes, points: source, texts, pin } = this.data;
    const theme = readTheme(this.root);
    this.shape = source.dims === 1 ? strip : cloud;
    this.hidden = this.path === source.path ? this.hidden : new Set();
    const { traces, layout } = this.shape.figure(this.points, classes, theme, texts);
    for (const trace of traces) trace.visible = !this.hidden.has(trace.meta.label);
    layout.uirevision = this.path = source.path; // the view stays as it is until other points come
    layout.shapes = this.shape.pin(pin, theme);
    await window.Plotly.react(this.plot, traces, layout, config(texts));
    if (!this.drawn) {
      this.plot.on("plotly_click", () => this.click());
      this.drawn = true;
    }
    legend(this.legend, classes, texts.legend, this.hidden, (label) => this.toggle(label));
    this.root.dataset.ready = source.path;
  }

  click() {
    const place = hit(this.plot);
    if (!place) return;
    const { x, y, point } = place;
    this.markPin(point === null ? [x, y] : this.points.place(point)); // at once; the server's answer says the same
    this.report({ x, y: this.points.dims === 1 ? null : y, point });
  }

  markPin(pin) {
    window.Plotly.relayout(this.plot, { shapes: this.shape.pin(pin, readTheme(this.root)) });
  }

  resize() {
    if (!this.drawn || !this.plot.offsetParent) return;
    window.Plotly.Plots.resize(this.plot).catch(() => {}); // it waits, and the plane may be gone by then
  }

  toggle(label) {
    this.hidden.has(label) ? this.hidden.delete(label) : this.hidden.add(label);
    const traces = this.plot.data.flatMap((trace, index) => (trace.meta.label === label ? [index] : []));
    window.Plotly.restyle(this.plot, { visible: !this.hidden.has(label) }, traces);
  }

  remove() {
    this.resizing.disconnect();
    this.stopWatching();
    if (this.drawn) window.Plotly.purge(this.plot); // gives the WebGL contexts back
    delete this.root.plane;
  }
}

function config(texts) {
  const finger = window.matchMedia("(pointer: coarse)").matches;
  return {
    doubleClick: false, // two quick clicks at different places are two clicks
    displaylogo: false,
    showTips: false, // they are in English, and of a double click that does nothing here
    displayModeBar: !finger,
    modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
    responsive: false,
    locale: "page",
    locales: {
      page: {
        dictionary: {
          Zoom: texts.zoom,
          Pan: texts.pan,
          "Zoom in": texts.zoom_in,
          "Zoom out": texts.zoom_out,
          "Reset axes": texts.reset,
        },
      },
    },
  };
}

function sameButPin(one, other) {
  return JSON.stringify({ ...one, pin: null }) === JSON.stringify({ ...other, pin: null });
}

function element(tag, className) {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
