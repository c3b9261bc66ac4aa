// The plane of a run in training: the codes of the same images at each preview, coloured by class.

import { button, element, fill } from "../shared/dom.js";
import { Dots } from "../shared/dots.js";
import { drawnArea } from "../shared/area.js";
import { Glide, GLIDE } from "../shared/glide.js";
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
/** @import { Places } from "../shared/glide.js" */
/** @import { Moment } from "./moment.js" */

const PACE = 0.3; // of the way that the view shrinks at each new moment
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
    this.shown = 0; // when it came
    this.bright = /** @type {number | null} */ (null); // the label of the class that is pointed at
    this.glide = new Glide((places) => {
      this.places = places;
      this.drawDots();
    });
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
   * glide, no longer than the moment before was shown.
   * @param {Moment} moment
   * @param {boolean} glides
   */
  show(moment, glides) {
    if (moment === this.moment) return;
    const before = this.places;
    const places = this.placesOf(moment);
    this.moment = moment;
    this.title.textContent = fill(this.texts.codes, { count: count(moment.count, this.language) });
    const [x, y] = [this.x, this.y];
    this.x = follow(x, this.ends(places.xs), PACE);
    this.y = this.isLine ? (y ?? [-0.1, this.classes.length]) : follow(y, this.ends(places.ys), PACE);
    const isSame = before?.xs.length === places.xs.length;
    const since = performance.now() - this.shown;
    this.shown += since;
    this.glide.go(glides && before && isSame ? before : places, places, glides && isSame ? Math.min(GLIDE, since) : 0);
    if (this.x !== x || this.y !== y) this.graph.draw(); // else the axes stay as they are
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
    const { moment, places, bright, hidden } = this;
    if (!area || !moment || !places) return;
    const { xs, ys } = places;
    const colours = this.classes.map(({ colour }) => colour);
    const look = [this.ink, window.devicePixelRatio, ...colours].join();
    if (look === this.look) this.dots.move(xs, ys);
    else this.dots.set({ xs, ys, labels: moment.labels, colours, ink: this.ink, size: SIZE });
    this.look = look;
    const isPointedAt = bright !== null && !hidden.has(bright);
    this.dots.draw(area, hidden, isPointedAt ? (index) => moment.labels[index] === bright : null);
  }

  /** @param {number | null} label of a class that is pointed at */
  letStandOut(label) {
    this.bright = label;
    this.drawDots();
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
    this.glide.end();
    this.graph.remove();
  }
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
