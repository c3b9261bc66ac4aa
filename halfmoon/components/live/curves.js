// The curves of one run or two: total, reconstruction and KL over the steps, side by side or one below the other.

import { button, element, fill } from "../shared/dom.js";
import { withTerms } from "../shared/terms.js";
import { axis, frame } from "../shared/theme.js";
import { isEnded } from "./feed.js";
import { follow, horizon } from "./following.js";
import { Graph } from "./graph.js";
import { Lines } from "./lines.js";
import { thinned } from "./series.js";
import { rough } from "./words.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Texts } from "../shared/dom.js" */
/** @import { Layout, Trace } from "../shared/plotly-api.d.ts" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { Line } from "./lines.js" */
/** @import { LiveRun } from "./run.js" */
/** @import { Line as Column } from "./series.js" */
/**
 * @typedef {{ run: string, split: string, term: string } & Line} Curve
 * @typedef {{ step: number, line: object, text: string }} Upright
 */

const MARGIN = { l: 40, r: 10, t: 22, b: 22 };
const SIDE_BY_SIDE = 640; // pixels of width from which on the panels stand in a row
const SETTLED = 0.06; // of the steps: what comes before is not what a range is made for
const MAX_EVENTS = 12; // that are marked, the newest
const [LABEL_LINES, LABEL_LINE] = [4, 0.11]; // of their words below each other, and the height of one in a panel
const MIN_INTERVAL = 350; // milliseconds from one drawing to the next, but for what the user does

export class Curves {
  /** @param {{ base: string, texts: Texts, language: string, runs: LiveRun[], terms: Record<string, string> }} curves */
  constructor({ base, texts, language, runs, terms }) {
    this.texts = texts;
    this.language = language;
    this.runs = runs;
    this.isLog = false;
    this.terms = Object.keys(terms);
    this.names = terms;
    this.ranges = /** @type {Record<string, Range>} */ ({}); // upwards
    this.across = this.acrossRange();
    this.marker = /** @type {number | null} */ (null); // the step that is looked back at
    this.timer = /** @type {number | undefined} */ (undefined);
    this.drawnAt = -Infinity;
    this.drawn = /** @type {Curve[]} */ ([]);
    this.marks = /** @type {Upright[]} */ ([]);
    this.version = ""; // of what the runs have
    this.axes = ""; // as they were drawn
    this.log = button("live-toggle", texts.log, () => this.setLog(!this.isLog));
    this.log.setAttribute("aria-pressed", "false");
    this.back = button("live-toggle", texts.reset, () => this.graph.giveBack());
    this.back.hidden = true;
    this.graph = new Graph({
      base,
      label: texts.curves_label,
      className: `live-curves-plot ${this.terms.length > 1 ? "" : "single"}`,
      figure: (theme, width) => ({ traces: this.terms.map(nothing), layout: this.layout(theme, width) }),
      zoomed: (is) => (this.back.hidden = !is),
      drawn: () => this.lines.draw(this.drawn),
    });
    this.lines = new Lines(this.graph.plot);
    this.captions = this.terms.map(() => element("p", "live-caption"));
    this.graph.element.append(this.lines.canvas, ...this.captions);
    this.element = element("section", "live-curves", this.head(), this.graph.element);
  }

  head() {
    const { texts, runs } = this;
    const names = runs.map(({ title, colour }) => {
      const name = element("span", "live-name", title);
      name.style.setProperty("--run-colour", colour);
      return name;
    });
    const key = element("small", "live-key", ...(runs.length > 1 ? names : []), ...withTerms(texts.curves_key));
    return element("header", "live-head", element("h3", "", texts.curves), key, this.back, this.log);
  }

  /**
   * What comes in quick succession, of one run or two, is drawn together.
   * @param {number | null} marker the step that is looked back at
   */
  show(marker) {
    const version = this.runs.map(({ feed }) => `${feed.series.count} ${feed.status}`).join();
    if (marker !== this.marker) {
      this.marker = marker;
      this.draw();
    } else if (version !== this.version) {
      const wait = MIN_INTERVAL - (performance.now() - this.drawnAt);
      this.timer ??= setTimeout(() => this.draw(), Math.max(0, wait));
    }
    this.version = version;
  }

  /** @param {boolean} isLog */
  setLog(isLog) {
    this.isLog = isLog;
    this.log.setAttribute("aria-pressed", String(isLog));
    this.ranges = {};
    this.graph.giveBack();
    this.draw();
  }

  // The lines, and the axes where they are others than before.
  draw() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drawnAt = performance.now();
    this.drawn = this.runs.flatMap((run) => {
      const splits = Object.entries(run.feed.series.splits);
      return splits.flatMap(([split, columns]) => this.linesOf(run, split, columns));
    });
    this.across = this.acrossRange();
    this.terms.forEach((term, at) => (this.ranges[term] = follow(this.ranges[term], this.ends(at))));
    this.terms.forEach((term, at) => this.say(term, this.captions[at]));
    this.marks = this.uprights();
    const axes = JSON.stringify([this.across, this.ranges, this.marks]);
    if (axes === this.axes && this.graph.isDrawn) this.lines.draw(this.drawn);
    else this.graph.draw();
    this.axes = axes;
  }

  /**
   * @param {LiveRun} run
   * @param {string} split
   * @param {Column} line
   * @returns {Curve[]}
   */
  linesOf({ name, colour }, split, line) {
    const isTraining = split === "training";
    const chosen = thinned(line, this.isLog);
    const x = chosen.map((at) => line.step[at]);
    const look = { colour, width: isTraining ? 1 : 2.4, opacity: isTraining ? 0.55 : 1, hasDots: !isTraining };
    return this.terms.flatMap((term, panel) => {
      const values = line.terms[term]; // none of a term that only the other run has
      return values ? { run: name, split, term, panel, x, y: chosen.map((at) => values[at]), ...look } : [];
    });
  }

  acrossRange() {
    const ends = this.runs.map(({ feed: { series, steps, status } }) =>
      isEnded(status) ? series.step : horizon(series.step, steps),
    );
    const end = Math.max(2, ...ends);
    if (!this.isLog) return { type: "linear", range: [-0.01 * end, 1.02 * end] };
    const first = Math.min(...this.runs.map(({ feed }) => feed.series.splits.training.step[0] ?? 1));
    return { type: "log", range: [Math.log10(Math.max(1, first)) - 0.05, Math.log10(end) + 0.03], dtick: 1 };
  }

  /**
   * From the least to the greatest value; on a linear axis without those of the very beginning, which dwarf the rest.
   * @param {number} panel
   * @returns {Range}
   */
  ends(panel) {
    let [low, high] = [Infinity, -Infinity];
    for (const { x, y } of this.drawn.filter((line) => line.panel === panel)) {
      const settled = this.isLog || x.length < 8 ? 0 : SETTLED * x[x.length - 1];
      for (let at = 0; at < x.length; at++) {
        if (x[at] < settled || !Number.isFinite(y[at])) continue;
        if (y[at] < low) low = y[at];
        if (y[at] > high) high = y[at];
      }
    }
    return low > high ? [0, 1] : [low, high];
  }

  /**
   * The name of a term and its newest values.
   * @param {string} term
   * @param {HTMLElement} caption
   */
  say(term, caption) {
    const values = this.runs.map(({ feed }) => feed.series.splits.training.terms[term]?.at(-1) ?? NaN);
    const known = values.filter(Number.isFinite).map((value) => rough(value, this.language));
    caption.replaceChildren(element("b", "", this.names[term]), ` ${known.join(" · ")}`);
  }

  /**
   * Where something was changed, and the step that is looked back at.
   * @returns {Upright[]}
   */
  uprights() {
    /** @type {Record<string, string>} */
    const labels = { beta: this.texts.event_beta, learning_rate: this.texts.event_learning_rate };
    /** @type {Upright[]} */
    const events = this.runs.flatMap(({ feed, colour: color }) =>
      feed.series.events.slice(-MAX_EVENTS).map(({ step, name, value }) => ({
        step,
        line: { color, width: 1, dash: "dot" },
        text: labels[name] && value !== undefined ? fill(labels[name], { value: rough(value, this.language) }) : "",
      })),
    );
    if (this.marker !== null) events.push({ step: this.marker, line: { width: 1.5 }, text: "" });
    return events.filter(({ step }) => step > 0 || !this.isLog);
  }

  /**
   * @param {Theme} theme
   * @param {number} width
   * @returns {Layout}
   */
  layout(theme, width) {
    /** @type {Layout} */
    const layout = { ...frame(theme), margin: MARGIN };
    layout.font.size = 11;
    const isRow = width >= SIDE_BY_SIDE;
    const [count, gap] = [this.terms.length, isRow ? 0.045 : 0.085];
    const part = (1 - gap * (count - 1)) / count;
    this.terms.forEach((term, at) => {
      const name = at ? at + 1 : "";
      const begin = isRow ? at * (part + gap) : 1 - at * (part + gap) - part;
      const domain = [Math.max(0, begin), Math.min(1, begin + part)];
      const usual = { ...axis(theme), nticks: 5, zeroline: false, automargin: false };
      const isLast = isRow || at === count - 1;
      const across = { matches: at ? "x" : undefined, anchor: `y${name}`, showticklabels: isLast };
      layout[`xaxis${name}`] = { ...usual, ...this.across, ...across, domain: isRow ? domain : [0, 1] };
      const upwards = { range: this.ranges[term], anchor: `x${name}` };
      layout[`yaxis${name}`] = { ...usual, ...upwards, domain: isRow ? [0, 1] : domain };
      const { l, r, t, b } = MARGIN;
      this.captions[at].style.left = `calc(${l}px + ${isRow ? begin : 0} * (100% - ${l + r}px))`;
      this.captions[at].style.top = `calc(${t}px + ${isRow ? 0 : 1 - domain[1]} * (100% - ${t + b}px))`;
    });
    layout.shapes = this.terms.flatMap((_, at) => this.marks.map((mark) => upright(mark, at, theme)));
    layout.annotations = this.marks.flatMap((mark, at) => (mark.text ? this.label(mark, at, theme) : []));
    return layout;
  }

  /**
   * What was changed, beside its upright in the first panel; what follows soon after stands a line lower.
   * @param {Upright} mark
   * @param {number} at
   * @param {Theme} theme
   */
  label({ step, text }, at, theme) {
    const [low, high] = this.across.range;
    const x = this.isLog ? Math.log10(step) : step;
    const isLate = x - low > 0.75 * (high - low);
    const place = { x, y: 1 - (at % LABEL_LINES) * LABEL_LINE, xref: "x", yref: "y domain", yanchor: "top" };
    const font = { size: 10, color: theme.text };
    return { ...place, xanchor: isLate ? "right" : "left", text, showarrow: false, font, bgcolor: theme.ground };
  }

  remove() {
    clearTimeout(this.timer);
    this.graph.remove();
  }
}

/**
 * Axes without a trace are not drawn.
 * @param {string} _
 * @param {number} panel
 * @returns {Trace}
 */
function nothing(_, panel) {
  const name = panel ? panel + 1 : "";
  return { type: "scatter", mode: "lines", x: [null], y: [null], xaxis: `x${name}`, yaxis: `y${name}` };
}

/**
 * @param {Upright} mark
 * @param {number} panel
 * @param {Theme} theme
 */
function upright({ step, line }, panel, theme) {
  const name = panel ? panel + 1 : "";
  const place = { x0: step, x1: step, y0: 0, y1: 1, xref: `x${name}`, yref: `y${name} domain` };
  return { type: "line", ...place, line: { color: theme.text, ...line } };
}
