// One plane: the points of a run, what lies beneath them, and where on it the pointer or the keyboard is.
// It tells its explorer of places that were hovered, left or chosen, and of points that were selected.

import { about, drawnArea, expectedArea } from "../shared/area.js";
import { Atlas } from "./atlas.js";
import { Axes } from "../shared/axes.js";
import { beneath } from "./beneath.js";
import { cloud, range } from "./cloud.js";
import { fetchDecoder } from "./decoder.js";
import { element, fill } from "../shared/dom.js";
import { Dots } from "../shared/dots.js";
import { Overlay } from "./overlay.js";
import { fetchPoints } from "./points.js";
import { download, plotConfig } from "../shared/plotting.js";
import { selection } from "./selection.js";
import { Space } from "./space.js";
import { strip } from "./strip.js";
import { onThemeChange, readTheme } from "../shared/theme.js";

const HIT_DISTANCE = 4; // pixels: a pointer no farther than this from a point is on the point
const STILL = 8; // pixels: a press that moves farther is no click
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const STEP = 1 / 60; // of the view; with Shift five times as far

export class Plane {
  // `spec` is what the server says of it; `gaps` paints its gap map; `through()` gives the code that its slice passes
  // through, `landmarks()` places that it is to show besides its points.
  constructor(spec, { base, classes, texts, hidden, gaps, through, landmarks, on }) {
    Object.assign(this, { spec, base, classes, texts, hidden, gaps, through, landmarks, on });
    this.dims = spec.space.slice.directions.length;
    this.space = new Space(spec.space);
    this.layers = [];
    this.zoom = null; // the part of the plane that the user has chosen: {centre, scale}
    this.plot = element("div", "latent-plane-plot");
    this.axes = new Axes(this.plot, base, (Plotly) => plotConfig(Plotly, texts, this.tools));
    this.overlay = new Overlay(() => this.area());
    this.message = element("div", "latent-plane-message");
    this.dots = new Dots();
    this.board = element("div", "latent-plane-board", this.plot, this.dots.canvas, this.overlay.svg, this.message);
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.board.setAttribute("aria-label", spec.label);
    this.element = element("section", "latent-plane-plane", heading(spec), this.board);
    this.listen();
    this.stopWatching = onThemeChange(this.board, () => this.points && this.draw());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.plot);
  }

  // Points first, the decoder follows; then the plane answers the hand.
  async load() {
    this.message.textContent = this.texts.loading;
    const source = this.loadSource();
    this.points = await this.axes.here(fetchPoints(this.base, this.spec.points));
    this.draw();
    this.message.textContent = "";
    if (this.points.count < this.spec.points.total) this.sayThinned();
    this.source = await this.axes.here(source);
    this.lookAt();
    this.element.dataset.ready = this.spec.run;
    this.on.ready(this);
  }

  // Axes, zoom and the other tools, which are Plotly's, and the layers.
  async equip() {
    if (!this.figure) return; // there was nothing to draw
    await this.drawAxes();
    this.plot.on("plotly_relayouting", () => this.drawOver());
    this.plot.on("plotly_afterplot", () => this.drawOver());
    this.plot.on("plotly_relayout", (change) => this.moved(change));
    this.plot.on("plotly_selected", (event) => this.select(event));
    this.plot.on("plotly_deselect", () => this.select(null));
    this.equipped = true;
    this.board.classList.add("equipped");
    this.drawOver();
    await this.drawLayers();
  }

  fail(error) {
    console.error(error);
    this.message.textContent = this.figure ? this.texts.tools_failed : this.texts.failed;
    this.message.classList.toggle("latent-plane-note", Boolean(this.figure));
  }

  sayThinned() {
    const [shown, total] = [this.points.count, this.spec.points.total].map((count) => count.toLocaleString());
    this.message.textContent = fill(this.texts.thinned, { shown, total });
    this.message.classList.add("latent-plane-note");
  }

  async loadSource() {
    const { decoder, atlas, shape } = this.spec.image;
    if (decoder) return fetchDecoder(`${this.base}/${decoder}`);
    const toCode = (place) => this.space.code(place, this.through(this));
    const onChange = () => {
      this.drawLayers();
      this.on.ready(this);
    };
    return new Atlas({ base: this.base, path: atlas, shape, toCode, onChange });
  }

  // The image at a code, pixels in [0, 1]; null while the decoder is on its way.
  image(code) {
    return this.source?.decode(code, this.space.place(code)) ?? null;
  }

  draw() {
    const theme = (this.theme = readTheme(this.board));
    const shape = this.dims === 1 ? strip : cloud;
    const { xs, ys, size, ...figure } = shape(this.points, this.space, this.classes, theme, this.landmarks(this));
    Object.assign(this, { xs, ys, figure });
    const colours = this.classes.map(({ colour }) => colour);
    this.dots.set({ xs, ys, labels: this.points.labels, colours, ink: theme.text, size });
    this.drawOver();
    if (this.equipped) this.drawAnew();
  }

  // In another theme, in another size, or with all in view again.
  async drawAnew() {
    await this.drawAxes();
    this.lookAt();
    await this.drawLayers();
  }

  // What Plotly holds beside the axes stays as it is.
  drawAxes() {
    const { traces, layout } = this.figure;
    for (const trace of traces) trace.visible = !this.hidden.has(trace.meta.label);
    const { images = [], shapes = [], selections = [], dragmode = layout.dragmode } = this.plot.layout ?? {};
    const { x, y } = this.toSee();
    const [xaxis, yaxis] = [{ ...layout.xaxis, range: [...x] }, { ...layout.yaxis, range: [...y] }];
    return this.axes.draw(traces, { ...layout, xaxis, yaxis, images, shapes, selections, dragmode });
  }

  // What is to be in view, made from the plane's own ranges, or the user's zoom, for the size of the plot. It never is
  // made from what is in view: Plotly widens that for an equal scale, and from size to size it would grow.
  toSee() {
    const { zoom, figure } = this;
    const { xaxis, yaxis } = figure.layout;
    const whole = expectedArea(this.plot, figure.layout)?.view ?? { x: xaxis.range, y: yaxis.range };
    if (!zoom) return whole;
    const [x, y] = this.axes.lengths.map((length, at) => about(zoom.centre[at], length / zoom.scale));
    return { x, y: this.dims === 1 ? whole.y : y };
  }

  // What lies over the axes, for the part of the plane in view.
  drawOver() {
    const area = this.area();
    if (!area) return;
    this.dots.draw(area, this.hidden, this.selected);
    this.overlay.draw();
  }

  // The drawing area; before Plotly has drawn it, the one that it is going to draw.
  area() {
    return drawnArea(this.plot) ?? (this.figure ? expectedArea(this.plot, this.figure.layout) : null);
  }

  view() {
    return this.area().view;
  }

  // Whoever draws images for the part of the plane in view is told which it is.
  lookAt() {
    if (this.area()) this.source?.lookAt?.(this.view());
  }

  // The user has chosen a part of the plane.
  moved(change) {
    if (!Object.keys(change).some((key) => key.includes("axis"))) return; // our own images and shapes
    const area = this.area();
    this.zoom = { centre: area.toPlace([area.width / 2, area.height / 2]), scale: area.perX };
    this.drawOver();
    this.lookAt();
    this.drawLayers();
  }

  reset() {
    this.zoom = null;
    this.drawAnew();
  }

  // Other layers, or the same ones for another view.
  async drawLayers(names = this.layers) {
    this.layers = names;
    this.board.classList.toggle("mapped", Boolean(this.gaps.shown));
    if (!this.source || !this.equipped || !this.axes.isHere || !this.area()) return; // on the way: then they are drawn
    this.abandon?.abort();
    const { signal } = (this.abandon = new AbortController());
    const layout = await this.axes.here(beneath(this, names, signal));
    if (!layout) return;
    await this.axes.change(layout);
    this.element.dataset.layers = names.join(" ");
  }

  // Has a place in view, as little else as possible moved.
  reveal(place) {
    if (!this.equipped) return;
    const ranges = Object.values(this.view()).slice(0, this.dims);
    const isSeen = ranges.every(([low, high], axis) => low <= place[axis] && place[axis] <= high);
    if (isSeen) return;
    const wider = ranges.map(([low, high], axis) => range([low, high, place[axis]]));
    const names = ["xaxis.range", "yaxis.range"].slice(0, this.dims);
    this.axes.change(Object.fromEntries(names.map((name, axis) => [name, wider[axis]])));
  }

  listen() {
    this.board.addEventListener("pointerdown", (event) => (this.press = this.inside(event) && { event, far: 0 }), true);
    this.board.addEventListener("pointermove", (event) => this.hover(event));
    this.board.addEventListener("pointerleave", () => this.on.leave(this));
    this.board.addEventListener("pointercancel", () => ((this.press = null), this.on.leave(this)));
    // On the document, for Plotly covers the page while one drags.
    document.addEventListener("pointermove", this.track, true);
    document.addEventListener("pointerup", this.release, true);
    this.board.addEventListener("keydown", (event) => this.key(event));
    this.board.addEventListener("blur", () => this.on.leave(this));
  }

  // How far from where it began a press has been: a lasso may end there.
  track = ({ clientX, clientY }) => {
    if (!this.press) return;
    const { event, far } = this.press;
    this.press.far = Math.max(far, Math.hypot(clientX - event.clientX, clientY - event.clientY));
  };

  release = (event) => {
    this.track(event);
    const { press } = this;
    this.press = null;
    if (press?.far <= STILL) this.choose(press.event); // where it was pressed; the hand may have moved on
  };

  // The pixel of an event in the drawing area, null outside of it.
  inside(event) {
    if (!this.figure || event.target.closest?.(".modebar")) return null;
    const area = this.area();
    const box = this.plot.getBoundingClientRect();
    const pixel = [event.clientX - box.left - area.left, event.clientY - box.top - area.top];
    const isInside = pixel[0] >= 0 && pixel[0] <= area.width && pixel[1] >= 0 && pixel[1] <= area.height;
    return isInside ? pixel : null;
  }

  hover(event) {
    if (event.buttons && event.pointerType === "mouse") return; // a drag
    const pixel = this.inside(event);
    if (!pixel) return this.on.leave(this);
    this.on.hover(this, ...this.spot(pixel));
  }

  choose(event) {
    const pixel = this.inside(event);
    if (pixel) this.on.choose(this, ...this.spot(pixel));
  }

  // The code at a pixel, and the index of the point there, or null.
  spot(pixel) {
    const area = this.area();
    const point = this.nearest(pixel, area, HIT_DISTANCE);
    if (point !== null) return [this.points.code(point), point];
    return [this.space.code(area.toPlace(pixel).slice(0, this.dims), this.through(this)), null];
  }

  // The index of the nearest point that can be seen, no farther than `reach` pixels; null where there is none.
  nearest([across, down], area, reach = Infinity) {
    const [x, y] = area.toPlace([across, down]);
    let least = reach ** 2;
    let point = null;
    for (let index = 0; index < this.points.count; index++) {
      const toSide = (this.xs[index] - x) * area.perX;
      const upwards = (this.ys[index] - y) * area.perY;
      const distance = toSide * toSide + upwards * upwards;
      if (distance <= least && this.isSeen(index)) {
        least = distance;
        point = index;
      }
    }
    return point;
  }

  key(event) {
    if (!this.source) return;
    const area = this.area();
    const at = this.cursor ?? this.space.place(this.through(this));
    if (STEPS[event.key]) {
      const step = STEP * (event.shiftKey ? 5 : 1);
      const spans = [area.width / area.perX, area.height / area.perY];
      this.cursor = at.map((value, axis) => {
        const [low, high] = axis === 0 ? area.view.x : area.view.y;
        return Math.min(high, Math.max(low, value + STEPS[event.key][axis] * step * spans[axis]));
      });
      this.on.hover(this, this.space.code(this.cursor, this.through(this)), null);
      this.on.announce(this, this.className(this.nearest(area.toPixel(this.cursor), area)));
    } else if (event.key === "Enter" || event.key === " ") {
      this.on.choose(this, this.space.code(at, this.through(this)), null);
    } else if (event.key === "Escape") {
      this.on.leave(this);
    } else {
      return;
    }
    event.preventDefault();
  }

  className(point) {
    return point === null ? "" : this.classes[this.points.labels[point]].name;
  }

  select(event) {
    const indices = selection(event, this.xs, this.ys, (index) => this.isSeen(index));
    this.selected = indices && new Set(indices);
    this.drawOver();
    this.on.select(this, indices);
  }

  // Whether the class of a point is not hidden.
  isSeen(index) {
    return !this.hidden.has(this.points.labels[index]);
  }

  clearSelection() {
    this.axes.change({ selections: [] });
    this.select(null);
  }

  toggle(label) {
    const traces = (this.plot.data ?? []).flatMap((trace, index) => (trace.meta?.label === label ? [index] : []));
    if (traces.length) this.axes.restyle({ visible: !this.hidden.has(label) }, traces);
    this.drawOver();
  }

  tools = {
    reset: () => this.reset(),
    save: (format) => {
      download(this.plot, this.dots, this.overlay, format, `halfmoon-${this.spec.run}`, this.theme);
    },
  };

  // One drawing at a time, the last in the size that the plot has come to.
  async resize() {
    if (!this.equipped || !this.plot.offsetParent) return this.drawOver();
    if (this.isResizing || this.axes.fits) return;
    this.isResizing = true;
    while (!this.axes.fits) await this.drawAxes();
    this.isResizing = false;
    this.lookAt();
    await this.drawLayers();
  }

  remove() {
    this.abandon?.abort();
    this.resizing.disconnect();
    this.stopWatching();
    document.removeEventListener("pointermove", this.track, true);
    document.removeEventListener("pointerup", this.release, true);
    this.axes.end();
  }
}

function heading({ title, subtitle }) {
  const small = element("small", "", subtitle);
  return element("h2", "hm-plane", `${title} `, small);
}
