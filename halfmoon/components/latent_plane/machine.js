// The machine itself, above the planes: an image, its code on every plane's model, and the image drawn again from that.
// It begins with a digit of its own; it follows what is drawn by hand, and what is looked at on the planes.

import { button, element } from "../shared/dom.js";
import { Pad } from "../shared/pad.js";
import { paint } from "../shared/picture.js";
import { withTerms } from "../shared/terms.js";
import { isFirstVisit, rememberVisit } from "./hint.js";
import { Lane } from "./lane.js";

/** @import { Plane } from "./plane.js" */
/** @import { Scene } from "./data.d.ts" */
/** @typedef {{ mu: number[], log_var: number[] | null }} Encoded */

const RADIUS = 2; // of the ring that is walked, in standard coordinates
// A two, drawn by no one in particular: places in a square from its upper left.
/** @type {[number, number][]} */
const STROKE = [
  [0.3, 0.36],
  [0.32, 0.26],
  [0.41, 0.19],
  [0.53, 0.18],
  [0.64, 0.23],
  [0.68, 0.33],
  [0.65, 0.44],
  [0.55, 0.57],
  [0.42, 0.69],
  [0.29, 0.8],
  [0.45, 0.78],
  [0.6, 0.79],
  [0.73, 0.78],
];

export class Machine {
  /**
   * @param {Scene} scene
   * @param {{ side: number, box: number }} images that can be drawn
   * @param {Plane[]} planes
   * @param {object} on
   * @param {() => void} on.draw the user wants to draw an image
   * @param {(plane: Plane, standard: number[]) => void} on.walk he or she looks at this place of every plane
   * @param {() => void} on.leave and now at none
   */
  constructor(scene, images, planes, on) {
    const { texts } = scene;
    this.texts = texts;
    this.planes = planes;
    this.images = images;
    this.on = on;
    this.pixels = /** @type {Uint8Array<ArrayBuffer> | null} */ (null);
    this.encoded = /** @type {(Encoded | null)[]} */ (planes.map(() => null));
    this.isUnderWay = false; // the first image has been asked for
    this.input = element("canvas", "latent-machine-image");
    this.input.setAttribute("role", "img");
    this.name = element("figcaption", "", texts.machine_image);
    this.lanes = planes.map((plane) => new Lane(plane, texts));
    const begin = button("latent-machine-draw", texts.machine_draw, on.draw);
    const figure = element("figure", "latent-machine-input", this.input, this.name);
    const chain = element("div", "latent-machine-chain", element("div", "", figure, begin));
    chain.append(element("div", "latent-machine-lanes", ...this.lanes.map((lane) => lane.element)));
    chain.append(this.words());
    this.element = element("details", "latent-machine", element("summary", "", texts.machine_title), chain);
    this.element.open = isFirstVisit();
    this.element.addEventListener("toggle", () => this.toggled());
    this.say(false);
  }

  words() {
    const { texts } = this;
    const slider = element("input");
    Object.assign(slider, { type: "range", min: -180, max: 180, step: 1, value: -180 });
    slider.setAttribute("aria-label", texts.machine_slider);
    slider.addEventListener("input", () => this.walk((Number(slider.value) * Math.PI) / 180));
    slider.addEventListener("blur", () => this.on.leave());
    const walk = element("p", "", ...withTerms(texts.machine_walk));
    return element("div", "latent-machine-words", element("p", "", ...withTerms(texts.machine_intro)), walk, slider);
  }

  /** @param {number} angle */
  walk(angle) {
    const latentDim = this.planes[0].space.slice.centre.length;
    const place = [RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)];
    this.on.walk(this.planes[0], Array.from({ length: latentDim }, (_, dim) => place[dim] ?? 0));
  }

  toggled() {
    if (!this.element.open) rememberVisit();
    this.refresh();
  }

  // A plane has images from now on.
  refresh() {
    if (!this.element.open) return this.lanes.forEach((lane) => lane.rest());
    if (!this.isUnderWay) this.begin();
    this.lanes.forEach((lane, at) => lane.showImage(this.encoded[at]));
  }

  begin() {
    this.isUnderWay = true;
    const { side, box } = this.images;
    const texts = { title: "", clear: "", hint: "" };
    const brush = new Pad({ side, box, texts, onDrawing: (pixels) => pixels && this.showOwn(pixels) });
    brush.draw(STROKE);
  }

  /** @param {Uint8Array<ArrayBuffer>} pixels the machine's own */
  async showOwn(pixels) {
    this.show(pixels);
    const asked = this.planes.map((plane) => plane.encode(pixels).catch(() => null));
    asked.forEach(async (answer, at) => {
      const encoded = await answer;
      if (encoded && this.pixels === pixels) this.showCode(at, encoded);
    });
  }

  /**
   * This image is what goes in; what comes out follows.
   * @param {Uint8Array<ArrayBuffer>} pixels
   */
  show(pixels) {
    this.isUnderWay = true;
    this.pixels = pixels;
    const { side } = this.images;
    paint(
      this.input,
      Float32Array.from(pixels, (value) => value / 255),
      [1, side, side],
    );
  }

  /**
   * @param {number} at the plane
   * @param {Encoded} encoded what its model makes of the image
   */
  showCode(at, encoded) {
    this.encoded[at] = encoded;
    if (this.element.open) this.lanes[at].showImage(encoded);
  }

  /**
   * These codes, one for each plane, are looked at, and there is no image; null when that is over.
   * @param {number[][] | null} codes
   * @param {(Float32Array | null)[]} images that are decoded there
   */
  look(codes, images) {
    if (!this.element.open) return;
    this.say(codes !== null);
    if (codes) this.lanes.forEach((lane, at) => lane.showCode(codes[at], images[at]));
    else this.lanes.forEach((lane, at) => lane.showImage(this.encoded[at]));
  }

  /** @param {boolean} isCodeAlone */
  say(isCodeAlone) {
    const words = isCodeAlone ? this.texts.machine_no_image : this.texts.machine_image;
    this.name.textContent = words;
    this.input.setAttribute("aria-label", words);
    this.element.classList.toggle("code-alone", isCodeAlone);
  }

  remove() {
    for (const lane of this.lanes) lane.rest();
  }
}
