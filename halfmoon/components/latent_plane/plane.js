// One plane: the points of a run, and what lies beneath them. Where on it the pointer or the keyboard is, and what they
// choose there, is for its hand to say.

import { plotElement } from "../shared/axes.js";
import { Dots } from "../shared/dots.js";
import { onThemeChange, readTheme } from "../shared/theme.js";
import { Beneath } from "./beneath.js";
import { cloud } from "./cloud.js";
import { Crowd } from "./crowd.js";
import { tickEdges } from "./edges.js";
import { Emphasis } from "./emphasis.js";
import { Face } from "./face.js";
import { framesOf } from "./frames.js";
import { Gestures } from "./gestures.js";
import { Hand } from "./hand.js";
import { Journey } from "./journey.js";
import { Overlay } from "./overlay.js";
import { fetchPoints } from "./points.js";
import { print } from "./print.js";
import { loadSource } from "./sources.js";
import { Space } from "./space.js";
import { strip } from "./strip.js";
import { Thumbnail } from "./thumbnail.js";
import { Toolbar } from "./toolbar.js";
import { Viewport } from "./viewport.js";

/** @import { Theme } from "../shared/theme.js" */
/** @import { PlaneSpec, Scene, Zoom } from "./data.d.ts" */
/** @import { Encoded } from "./machine.js" */
/** @import { Points } from "./points.js" */
/** @import { Source } from "./sources.js" */
/** @import { Listener, Surroundings } from "./surroundings.d.ts" */

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
    this.crowd = /** @type {Crowd | null} */ (null);
    this.source = /** @type {Source | null} */ (null);
    this.xs = /** @type {Float32Array} */ (new Float32Array());
    this.ys = /** @type {Float32Array} */ (new Float32Array());
    this.beneath = new Beneath(this);
    this.isEquipped = false;
    this.plot = plotElement("latent-plane-plot");
    this.viewport = new Viewport(this.plot, this.dims, base);
    this.axes = this.viewport.axes;
    this.overlay = new Overlay(() => this.area(), texts);
    this.toolbar = new Toolbar(texts, spec.title, {
      see: (zoom) => this.choose(zoom),
      nearer: (times) => this.gestures.zoom(times),
      drag: (dragmode) => this.axes.change({ dragmode }),
      save: (format) => print(this, format),
    });
    this.dots = new Dots();
    this.journey = new Journey(this);
    this.emphasis = new Emphasis(this);
    this.thumbnail = new Thumbnail(spec.image.shape, () => this.area());
    const { lines, busy } = this.beneath;
    const drawn = [this.plot, this.dots.canvas, lines.svg, this.overlay.svg, this.thumbnail.canvas, busy];
    this.face = new Face(spec, texts, this.toolbar.element, ...drawn);
    this.board = this.face.board;
    this.element = this.face.element;
    this.theme = /** @type {Theme} */ (readTheme(this.board));
    this.hand = new Hand(this, on);
    this.gestures = new Gestures(this);
    this.stopWatching = onThemeChange(this.board, () => this.draw());
    this.resizing = new ResizeObserver(() => this.resize());
    for (const sized of [this.plot, this.toolbar.element]) this.resizing.observe(sized); // the tools by their letters
  }

  // Points first, the decoder follows; then the plane answers the hand.
  async load() {
    this.face.say(this.texts.loading);
    const hasImages = () => (this.drawLayers(), this.on.ready(this));
    const source = loadSource(this.spec.image, this.scene, (place) => this.codeAt(place), hasImages);
    this.points = await this.axes.here(fetchPoints(this.scene.base, this.spec.points));
    this.crowd = new Crowd(this.points, this.space);
    this.draw();
    this.journey.arrive(this.surroundings.before(this));
    this.face.say("");
    if (this.points.count < this.spec.points.total) this.face.sayThinned(this.points.count, this.spec.points.total);
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
    this.plot.on("plotly_selecting", (event) => this.emphasis.outline(event));
    this.plot.on("plotly_selected", (event) => this.emphasis.mark(event));
    this.isEquipped = true;
    this.toolbar.equip(true);
    this.board.classList.add("equipped");
    this.drawOver();
    if (this.journey.places) this.journey.go();
    await this.drawLayers();
  }

  // Whether there is something to be seen.
  get isDrawn() {
    return this.viewport.figure !== null;
  }

  /** @param {unknown} error */
  fail(error) {
    console.error(error);
    if (this.journey.places) this.journey.go();
    this.face.say(this.isDrawn ? this.texts.tools_failed : this.texts.failed, this.isDrawn);
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
    if (!this.axes.isHere) return;
    this.lay();
    this.drawOver();
    if (this.isEquipped) this.drawAnew();
  }

  // Makes what is to be drawn, in the theme and the size of letters that the page has now.
  lay() {
    if (!this.points) return;
    this.theme = readTheme(this.board);
    const lay = this.dims === 1 ? strip : cloud;
    const landmarks = this.surroundings.landmarks(this);
    const { xs, ys, size, ...figure } = lay(this.points, this.space, this.classes, this.theme, landmarks);
    this.xs = xs;
    this.ys = ys;
    this.viewport.figure = figure;
    this.viewport.frames = framesOf({ xs, ys, layout: figure.layout }, this.space, landmarks);
    this.journey.lay();
    this.dots.set({ ...this.journey.shown, labels: this.points.labels, colours: this.colours, ink: this.theme.text, size });
  }

  // In another theme, or with another part of the plane in view.
  async drawAnew() {
    await this.viewport.draw(this.hidden);
    await this.viewChanged();
  }

  // Whatever is drawn for the part of the plane in view is drawn for this one.
  async viewChanged() {
    this.lookAt();
    await this.drawLayers();
  }

  // What lies over the axes, for the part of the plane in view.
  drawOver() {
    this.drawDots();
    this.beneath.lines.draw();
    this.overlay.draw();
    this.thumbnail.draw();
  }

  drawDots() {
    const area = this.area();
    if (!area) return;
    this.dots.draw(area, this.hidden, this.emphasis.standingOut());
    this.face.sayOutside(tickEdges(this.dots, area, this.colours, this.hidden));
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

  /** @param {Zoom} zoom from now on */
  see(zoom) {
    if (JSON.stringify(zoom) === JSON.stringify(this.viewport.zoom)) return;
    this.gestures.drop();
    this.viewport.zoom = zoom;
    this.toolbar.show(zoom);
    this.isEquipped ? this.drawAnew() : this.drawOver();
  }

  /** @param {Zoom} zoom that the user has chosen */
  choose(zoom) {
    this.see(zoom);
    this.on.zoom(this);
  }

  // A gesture has come to its end, and what is in view is what the user has chosen.
  settle() {
    if (!this.axes.isHere) return;
    this.viewport.zoom = this.viewport.zoomOf(this.view());
    this.toolbar.show(this.viewport.zoom);
    this.on.zoom(this);
    this.viewChanged();
  }

  /** @param {string[]} [names] of the layers; without them the same ones, for another view */
  drawLayers(names) {
    return this.beneath.draw(names);
  }

  /** @param {number[]} place that is to be in view */
  reveal(place) {
    if (this.isEquipped) this.choose(this.viewport.revealing(place));
  }

  /** @param {number | null} point whose class is meant, by name */
  className(point) {
    return point === null || !this.points ? "" : this.classes[this.points.labels[point]].name;
  }

  /** @param {number} index of a point, whose class may be hidden */
  isShown(index) {
    return this.points !== null && !this.hidden.has(this.points.labels[index]);
  }

  /** @param {number} index of a point, which may be on its way */
  isSeen(index) {
    return this.isShown(index) && !this.journey.host;
  }

  async resize() {
    if (!this.plot.offsetParent) return;
    if (readTheme(this.board).size !== this.theme.size) return this.draw();
    if (!this.isEquipped) return this.drawOver();
    if (await this.viewport.fit(this.hidden)) await this.viewChanged();
  }

  remove() {
    this.journey.end();
    this.beneath.end();
    this.resizing.disconnect();
    this.stopWatching();
    this.hand.remove();
    this.gestures.drop();
    this.axes.end();
  }
}
