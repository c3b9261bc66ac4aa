// The plane of a run in training: the codes of the same images at each preview, coloured by class.

import { button, element, fill } from "../shared/dom.js";
import { Dots } from "../shared/dots.js";
import { drawnArea } from "../shared/area.js";
import { axis, frame } from "../shared/theme.js";
import { follow } from "./following.js";
import { Graph } from "./graph.js";
import { coordinate } from "./moment.js";
import { count } from "./words.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Texts } from "../shared/dom.js" */
/** @import { Figure, Layout } from "../shared/plotly-api.d.ts" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { RunSpec } from "./data.d.ts" */
/** @import { Moment } from "./moment.js" */
/** @typedef {{ xs: Float32Array, ys: Float32Array }} Places */

const PACE = 0.3; // of the way that the view shrinks at each new moment
const GLIDE = 140; // milliseconds that the codes take to their next place while one looks back
const SIZE = 5; // pixels
const RINGS = [1, 2, 3]; // standard deviations of the prior
/** @type {Range} */
const PRIOR = [-3, 3]; // as far as it reaches, but for a few in a thousand
const GOLDEN = 0.6180339887498949;

export class Codes {
  /**
   * @param {{ base: string, texts: Texts, language: string, run: RunSpec, hidden: Set<number> }} codes
   */
  constructor({ base, texts, language, run, hidden }) {
    this.texts = texts;
    this.language = language;
    this.run = run;
    this.classes = run.classes;
    this.hidden = hidden;
    this.moment = /** @type {Moment | null} */ (null); // that is shown
    this.places = /** @type {Places | null} */ (null);
    this.glide = /** @type {{ before: Places, begun: number } | null} */ (null);
    this.frame = /** @type {number | null} */ (null); // of a glide
    this.x = /** @type {Range | undefined} */ (undefined);
    this.y = /** @type {Range | undefined} */ (undefined);
    this.ink = "";
    this.look = ""; // of the dots as they were set
    this.isLine = run.latent_dim === 1;
    this.back = button("live-toggle", texts.reset, () => this.graph.giveBack());
    this.back.hidden = true;
    this.dots = new Dots();
    this.graph = new Graph({
      base,
      label: fill(texts.plane_label, { title: run.title }),
      className: "live-codes-plot",
      figure: (theme) => this.figure(theme),
      zoomed: (is) => (this.back.hidden = !is),
      drawn: () => this.drawDots(),
    });
    this.graph.element.append(this.dots.canvas);
    const rings = run.has_posterior && !this.isLine ? texts.rings : "";
    const note = run.latent_dim > 2 ? fill(texts.first_two, { dims: run.latent_dim }) : rings;
    this.title = element("h3");
    const head = element("header", "live-head", this.title, element("small", "", note), this.back);
    this.element = element("section", "live-codes", head, this.graph.element);
  }

  /**
   * While a model trains its codes jump from moment to moment, for the processor has better things to do; else they may
   * glide.
   * @param {Moment} moment
   * @param {boolean} glides
   */
  show(moment, glides) {
    if (moment === this.moment) return;
    const before = this.places;
    const places = this.placesOf(moment);
    this.places = places;
    this.moment = moment;
    this.title.textContent = fill(this.texts.codes, { count: count(moment.count, this.language) });
    const [x, y] = [this.x, this.y];
    this.x = follow(x, this.ends(places.xs), PACE);
    this.y = this.isLine ? (y ?? [-0.1, this.classes.length]) : follow(y, this.ends(places.ys), PACE);
    const isSame = before?.xs.length === places.xs.length;
    this.glide = glides && before && isSame ? { before, begun: performance.now() } : null;
    if (this.x === x && this.y === y) this.drawDots(); // the axes stay as they are
    else this.graph.draw();
  }

  /**
   * @param {Theme} theme
   * @returns {Figure}
   */
  figure(theme) {
    this.ink = theme.text;
    /** @type {Layout} */
    const layout = { ...frame(theme), margin: { l: 34, r: 6, t: 6, b: 22 } };
    layout.font.size = 11;
    layout.xaxis = { ...axis(theme), range: this.x ?? PRIOR, automargin: false };
    layout.yaxis = { ...axis(theme), range: this.y ?? PRIOR, automargin: false };
    if (this.isLine) {
      Object.assign(layout.yaxis, { fixedrange: true, zeroline: false, showticklabels: false, showgrid: false });
    } else {
      Object.assign(layout.yaxis, { scaleanchor: "x", scaleratio: 1 });
      layout.shapes = this.run.has_posterior ? rings(theme) : [];
    }
    return { traces: [], layout };
  }

  drawDots() {
    const area = drawnArea(this.graph.plot);
    const { moment, places, glide } = this;
    if (!area || !moment || !places) return;
    const share = glide ? Math.min(1, (performance.now() - glide.begun) / GLIDE) : 1;
    const { xs, ys } = glide && share < 1 ? between(glide.before, places, share) : places;
    const colours = this.classes.map(({ colour }) => colour);
    const look = [this.ink, window.devicePixelRatio, ...colours].join();
    if (look === this.look) this.dots.move(xs, ys);
    else this.dots.set({ xs, ys, labels: moment.labels, colours, ink: this.ink, size: SIZE });
    this.look = look;
    this.dots.draw(area, this.hidden, null);
    if (share < 1) this.frame = requestAnimationFrame(() => this.drawDots());
  }

  /**
   * On a line each class has its own lane, and in it each code a height that it keeps.
   * @param {Moment} moment
   * @returns {Places}
   */
  placesOf(moment) {
    const xs = coordinate(moment, 0);
    if (!this.isLine) return { xs, ys: coordinate(moment, 1) };
    const top = this.classes.length - 1;
    return { xs, ys: xs.map((_, at) => top - moment.labels[at] + (((at + 1) * GOLDEN) % 1) * 0.7 + 0.1) };
  }

  /**
   * Where there is a prior that the codes are to fill, it is in view from the beginning.
   * @param {Float32Array} values
   * @returns {Range}
   */
  ends(values) {
    let [low, high] = this.run.has_posterior ? PRIOR : [Infinity, -Infinity];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low > high ? PRIOR : [low, high];
  }

  remove() {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.graph.remove();
  }
}

/**
 * @param {Places} before
 * @param {Places} after
 * @param {number} share
 * @returns {Places}
 */
function between(before, after, share) {
  const eased = share * (2 - share);
  const mix = (/** @type {Float32Array} */ from, /** @type {Float32Array} */ to) =>
    to.map((value, at) => from[at] + eased * (value - from[at]));
  return { xs: mix(before.xs, after.xs), ys: mix(before.ys, after.ys) };
}

/**
 * Of the prior N(0, I), to see how the codes come to fill it.
 * @param {Theme} theme
 */
function rings(theme) {
  return RINGS.map((radius) => ({
    type: "circle",
    layer: "below",
    x0: -radius,
    x1: radius,
    y0: -radius,
    y1: radius,
    line: { color: `${theme.text}55`, width: 1, dash: "dot" },
  }));
}
