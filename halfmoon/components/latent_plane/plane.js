// One plane: the points of a run, and what lies beneath them. Where on it the pointer or the keyboard is, and what they
// choose there, is for its hand to say.

import { plotElement } from "../shared/axes.js";
import { element, fill, kindMark } from "../shared/dom.js";
import { Dots } from "../shared/dots.js";
import { download } from "../shared/plotting.js";
import { onThemeChange, readTheme } from "../shared/theme.js";
import { Beneath } from "./beneath.js";
import { cloud } from "./cloud.js";
import { tickEdges } from "./edges.js";
import { framesOf } from "./frames.js";
import { Gestures } from "./gestures.js";
import { Hand } from "./hand.js";
import { Overlay } from "./overlay.js";
import { fetchPoints } from "./points.js";
import { selection } from "./selection.js";
import { loadSource } from "./sources.js";
import { Space } from "./space.js";
import { strip } from "./strip.js";
import { Toolbar } from "./toolbar.js";
import { Viewport } from "./viewport.js";

/** @import { Theme } from "../shared/theme.js" */
/** @import { PlaneSpec, Scene, Zoom } from "./data.d.ts" */
/** @import { LayerImage } from "./layers.js" */
/** @import { Encoded } from "./machine.js" */
/** @import { Points } from "./points.js" */
/** @import { Marked } from "./selection.js" */
/** @import { Source } from "./sources.js" */
/**
 * @typedef {object} Surroundings what a plane asks
 * @property {Set<number>} hidden labels that are not to be seen
 * @property {(plane: Plane) => LayerImage | null} gapImage its gap map, as far as it is known
 * @property {() => boolean} isMapped whether it is to have one
 * @property {(plane: Plane) => boolean} isComputing whether it is on its way
 * @property {(plane: Plane) => number[]} through the code that its slice passes through
 * @property {(plane: Plane) => number[][]} landmarks places that it is to show besides its points
 *
 * @typedef {object} Listener what a plane tells
 * @property {(plane: Plane) => void} ready it answers the hand, or has other images than before
 * @property {(plane: Plane, code: number[], point: number | null) => void} hover
 * @property {(plane: Plane) => void} leave
 * @property {(plane: Plane, code: number[], point: number | null) => void} choose
 * @property {(plane: Plane, className: string) => void} announce
 * @property {(plane: Plane, indices: number[] | null) => void} select
 * @property {(plane: Plane) => void} zoom the user has chosen another part of it
 */

export class Plane {
  /**
   * @param {PlaneSpec} spec
   * @param {Scene} scene
   * @param {Surroundings} surroundings
   * @param {Listener} on
   */
  constructor(spec, scene, surroundings, on) {
    const { base, classes, texts } = scene;
    this.spec = spec;
    this.scene = scene;
    this.classes = classes;
    this.texts = texts;
    this.surroundings = surroundings;
    this.colours = classes.map(({ colour }) => colour);
    this.hidden = surroundings.hidden;
    this.on = on;
    this.dims = spec.space.slice.directions.length;
    this.space = new Space(spec.space);
    this.points = /** @type {Points | null} */ (null); // until they have come
    this.source = /** @type {Source | null} */ (null);
    this.xs = /** @type {Float32Array} */ (new Float32Array());
    this.ys = /** @type {Float32Array} */ (new Float32Array());
    this.selected = /** @type {Set<number> | null} */ (null);
    this.beneath = new Beneath(this);
    this.isEquipped = false;
    this.plot = plotElement("latent-plane-plot");
    this.viewport = new Viewport(this.plot, this.dims, base);
    this.axes = this.viewport.axes;
    this.overlay = new Overlay(() => this.area(), texts);
    this.message = element("div", "latent-plane-message");
    this.outside = element("div", "latent-plane-outside"); // how many codes are
    this.said = element("div", "latent-plane-said"); // how one zooms
    this.said.ariaHidden = "true";
    this.toolbar = new Toolbar(texts, spec.title, {
      see: (zoom) => this.choose(zoom),
      nearer: (times) => this.gestures.zoom(times),
      drag: (dragmode) => this.axes.change({ dragmode }),
      save: (format) => this.save(format),
    });
    this.dots = new Dots();
    this.board = element("div", "latent-plane-board", this.plot, this.dots.canvas);
    this.board.append(this.beneath.lines.svg, this.overlay.svg, this.message, this.outside, this.said, this.beneath.busy);
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.board.setAttribute("aria-label", spec.label);
    const head = element("div", "latent-plane-head", heading(spec), this.toolbar.element);
    this.element = element("section", "latent-plane-plane", head, this.board);
    this.theme = /** @type {Theme} */ (readTheme(this.board));
    this.hand = new Hand(this, on);
    this.gestures = new Gestures(this);
    this.stopWatching = onThemeChange(this.board, () => this.draw());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.plot);
  }

  // Points first, the decoder follows; then the plane answers the hand.
  async load() {
    this.message.textContent = this.texts.loading;
    const source = loadSource(this.spec.image, this.scene, (place) => this.codeAt(place), () => this.hasImages());
    this.points = await this.axes.here(fetchPoints(this.scene.base, this.spec.points));
    this.draw();
    this.message.textContent = "";
    if (this.points.count < this.spec.points.total) this.sayThinned(this.points.count);
    this.source = await this.axes.here(source);
    this.lookAt();
    this.element.dataset.ready = this.spec.run;
    this.on.ready(this);
  }

  // Axes, zoom and the other tools, which are Plotly's, and the layers.
  async equip() {
    if (!this.viewport.figure) return; // there was nothing to draw
    await this.viewport.draw(this.hidden);
    this.plot.on("plotly_relayouting", () => this.drawOver());
    this.plot.on("plotly_afterplot", () => this.drawOver());
    this.plot.on("plotly_relayout", (change) => this.viewport.isDragged(change) && this.settle());
    this.plot.on("plotly_selected", (event) => this.select(event));
    this.plot.on("plotly_deselect", () => this.select(null));
    this.isEquipped = true;
    this.toolbar.equip(true);
    this.board.classList.add("equipped");
    this.drawOver();
    await this.drawLayers();
  }

  // Whether there is something to be seen.
  get isDrawn() {
    return this.viewport.figure !== null;
  }

  /** @param {unknown} error */
  fail(error) {
    console.error(error);
    this.message.textContent = this.isDrawn ? this.texts.tools_failed : this.texts.failed;
    this.message.classList.toggle("latent-plane-note", this.isDrawn);
  }

  /** @param {number} count */
  sayThinned(count) {
    const [shown, total] = [count, this.spec.points.total].map((count) => count.toLocaleString());
    this.message.textContent = fill(this.texts.thinned, { shown, total });
    this.message.classList.add("latent-plane-note");
  }

  hasImages() {
    this.drawLayers();
    this.on.ready(this);
  }

  /**
   * The image at a code, pixels in [0, 1]; null while the decoder is on its way.
   * @param {number[]} code
   * @returns {Float32Array | null}
   */
  image(code) {
    return this.source?.decode(code, this.space.place(code)) ?? null;
  }

  /**
   * What the model's encoder makes of an image.
   * @param {Uint8Array<ArrayBuffer>} pixels
   * @returns {Promise<Encoded>}
   */
  async encode(pixels) {
    const response = await fetch(`${this.scene.base}/${this.spec.encode}`, { method: "POST", body: pixels });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  /**
   * The code at a place of the slice.
   * @param {number[]} place
   */
  codeAt(place) {
    return this.space.code(place, this.surroundings.through(this));
  }

  draw() {
    if (!this.points) return;
    this.theme = readTheme(this.board);
    const lay = this.dims === 1 ? strip : cloud;
    const landmarks = this.surroundings.landmarks(this);
    const { xs, ys, size, ...figure } = lay(this.points, this.space, this.classes, this.theme, landmarks);
    this.xs = xs;
    this.ys = ys;
    this.viewport.figure = figure;
    this.viewport.frames = framesOf({ xs, ys, layout: figure.layout }, this.space, landmarks);
    this.dots.set({ xs, ys, labels: this.points.labels, colours: this.colours, ink: this.theme.text, size });
    this.drawOver();
    if (this.isEquipped) this.drawAnew();
  }

  // In another theme, or with another part of the plane in view.
  async drawAnew() {
    await this.viewport.draw(this.hidden);
    await this.viewChanged();
  }

  // Whatever is drawn for the part of the plane in view is drawn for this one.
  async viewChanged() {
    this.drawOver();
    this.lookAt();
    await this.drawLayers();
  }

  // What lies over the axes, for the part of the plane in view.
  drawOver() {
    const area = this.area();
    if (!area) return;
    this.dots.draw(area, this.hidden, this.selected);
    const count = tickEdges(this.dots, area, this.colours, this.hidden);
    this.outside.textContent = count ? fill(this.texts.outside, { count: count.toLocaleString() }) : "";
    this.beneath.lines.draw();
    this.overlay.draw();
  }

  area() {
    return this.viewport.area();
  }

  // The part of the plane in view, where there is one.
  view() {
    const area = this.area();
    if (!area) throw new Error("This plane has not been drawn");
    return area.view;
  }

  // Whoever draws images for the part of the plane in view is told which it is.
  lookAt() {
    const area = this.area();
    if (area) this.source?.lookAt(area.view);
  }

  /**
   * From now on this is in view.
   * @param {Zoom} zoom
   */
  see(zoom) {
    if (JSON.stringify(zoom) === JSON.stringify(this.viewport.zoom)) return;
    this.viewport.zoom = zoom;
    this.toolbar.show(zoom);
    this.isEquipped ? this.drawAnew() : this.drawOver();
  }

  /**
   * The same, by the user.
   * @param {Zoom} zoom
   */
  choose(zoom) {
    this.see(zoom);
    this.on.zoom(this);
  }

  // A gesture has come to its end, and what is in view is what the user has chosen.
  settle() {
    const { viewport } = this;
    viewport.zoom = viewport.zoomOf(this.view());
    this.toolbar.show(viewport.zoom);
    this.on.zoom(this);
    this.viewChanged();
  }

  /** @param {string[]} [names] of the layers; without them the same ones, for another view */
  drawLayers(names) {
    return this.beneath.draw(names);
  }

  /**
   * Has a place in view.
   * @param {number[]} place
   */
  reveal(place) {
    if (this.isEquipped) this.choose(this.viewport.revealing(place));
  }

  /**
   * The name of a point's class.
   * @param {number | null} point
   */
  className(point) {
    return point === null || !this.points ? "" : this.classes[this.points.labels[point]].name;
  }

  /** @param {Marked | null} event */
  select(event) {
    const indices = selection(event, this.xs, this.ys, (index) => this.isSeen(index));
    this.selected = indices && new Set(indices);
    this.drawOver();
    this.on.select(this, indices);
  }

  /**
   * Whether the class of a point is not hidden.
   * @param {number} index
   */
  isSeen(index) {
    return this.points !== null && !this.hidden.has(this.points.labels[index]);
  }

  clearSelection() {
    this.axes.change({ selections: [] });
    this.select(null);
  }

  /** @param {number} label */
  toggle(label) {
    const traces = (this.plot.data ?? []).flatMap((trace, index) => (trace.meta?.label === label ? [index] : []));
    if (traces.length) this.axes.restyle({ visible: !this.hidden.has(label) }, traces);
    this.drawOver();
  }

  /** @param {"png" | "svg"} format */
  save(format) {
    const pins = this.overlay.called("pin", "kept");
    download(this.plot, this.dots, this.beneath.lines.lines, pins, format, `halfmoon-${this.spec.run}`, this.theme);
  }

  async resize() {
    if (!this.isEquipped || !this.plot.offsetParent) return this.drawOver();
    if (await this.viewport.fit(this.hidden)) await this.viewChanged();
  }

  remove() {
    this.beneath.end();
    this.resizing.disconnect();
    this.stopWatching();
    this.hand.remove();
    this.gestures.remove();
    this.axes.end();
  }
}

/** @param {PlaneSpec} spec */
function heading({ title, subtitle, colour }) {
  const small = element("small", "", subtitle);
  return element("h2", "hm-plane", kindMark(title, colour), " ", small);
}
