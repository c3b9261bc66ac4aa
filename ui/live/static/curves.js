// The curves of one run or two: total, reconstruction and KL over the steps, side by side or one below the other.

import { button, element, fill } from "../latent_plane/dom.js";
import { axis, frame } from "../latent_plane/theme.js";
import { follow, horizon } from "./following.js";
import { Graph } from "./graph.js";
import { TERMS, thinned } from "./series.js";
import { rough } from "./words.js";

const MARGIN = { l: 40, r: 10, t: 22, b: 22 };
const SIDE_BY_SIDE = 640; // pixels of width from which on the panels stand in a row
const SETTLED = 0.06; // of the steps: what comes before is not what a range is made for
const MOST_EVENTS = 12; // that are marked, the newest
const LEAST_INTERVAL = 350; // milliseconds from one drawing to the next, but for what the user does
const FEW = 40; // points of a line that are marked as such

export class Curves {
  // `runs` are { name, title, colour, colourName, feed }.
  constructor({ base, texts, language, runs, hasKl }) {
    Object.assign(this, { texts, language, runs });
    this.terms = hasKl ? TERMS : TERMS.slice(0, 1);
    this.names = { total: texts.total, reconstruction: texts.reconstruction, kl: texts.kl };
    this.ranges = {};
    this.isLog = false;
    this.marker = null;
    this.drawnAt = -Infinity;
    this.log = button("live-toggle", texts.log, () => this.setLog(!this.isLog));
    this.log.setAttribute("aria-pressed", "false");
    this.back = button("live-toggle", texts.reset, () => this.graph.giveBack());
    this.back.hidden = true;
    const names = runs.map(({ title, colourName }) => {
      const name = element("span", "live-name", title);
      name.style.setProperty("--run-colour", `var(${colourName})`);
      return name;
    });
    const key = element("small", "live-key", ...(runs.length > 1 ? names : []), texts.curves_key);
    const head = element("header", "live-head", element("h3", "", texts.curves), key, this.back, this.log);
    this.graph = new Graph({
      base,
      label: texts.curves_label,
      className: `live-curves-plot ${hasKl ? "" : "single"}`,
      figure: (theme, width) => this.figure(theme, width),
      zoomed: (is) => (this.back.hidden = !is),
    });
    this.captions = this.terms.map(() => element("p", "live-caption")); // Plotly's own take as long as the curves
    this.graph.element.append(...this.captions);
    this.element = element("section", "live-curves", head, this.graph.element);
  }

  // `marker` is the step that is looked back at, or null. Two runs that are told of one after the other, or a run told of
  // in quick succession, are drawn together.
  show(marker) {
    const version = this.runs.map(({ feed }) => `${feed.series.count} ${feed.status}`).join();
    if (marker !== this.marker) {
      this.marker = marker;
      this.draw();
    } else if (version !== this.version) {
      const wait = LEAST_INTERVAL - (performance.now() - this.drawnAt);
      this.timer ??= setTimeout(() => this.draw(), Math.max(0, wait));
    }
    this.version = version;
  }

  draw() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drawnAt = performance.now();
    this.graph.draw();
  }

  setLog(isLog) {
    this.isLog = isLog;
    this.log.setAttribute("aria-pressed", String(isLog));
    this.ranges = {};
    this.graph.giveBack();
  }

  figure(theme, width) {
    const drawn = this.runs.flatMap((run) =>
      Object.entries(run.feed.series.splits).map(([split, line]) => {
        const chosen = thinned(line, this.isLog);
        return { run, split, line, chosen, steps: chosen.map((at) => line.step[at]) };
      }),
    );
    const traces = this.terms.flatMap((term, at) => drawn.map((one) => trace(one, term, at, theme)));
    const isRow = width >= SIDE_BY_SIDE;
    const x = this.across();
    const layout = { ...frame(theme), margin: MARGIN };
    layout.font.size = 11;
    this.terms.forEach((term, at) => {
      const [name, count] = [at ? at + 1 : "", this.terms.length];
      const gap = isRow ? 0.045 : 0.085;
      const part = (1 - gap * (count - 1)) / count;
      const begin = isRow ? at * (part + gap) : 1 - at * (part + gap) - part;
      const domain = [begin, Math.min(1, begin + part)];
      this.caption(at, isRow ? begin : 0, isRow ? 1 : domain[1]);
      layout[`xaxis${name}`] = {
        ...axis(theme),
        ...x,
        nticks: 5,
        zeroline: false,
        matches: at ? "x" : undefined,
        anchor: `y${name}`,
        domain: isRow ? domain : [0, 1],
        showticklabels: isRow || at === count - 1,
        automargin: false,
      };
      layout[`yaxis${name}`] = {
        ...axis(theme),
        nticks: 5,
        zeroline: false,
        anchor: `x${name}`,
        domain: isRow ? [0, 1] : domain,
        range: this.upwards(term, drawn),
        automargin: false,
      };
    });
    layout.shapes = this.marks(theme);
    return { traces, layout };
  }

  across() {
    const ends = this.runs.map(({ feed: { series, steps, status } }) => {
      const isOver = ["finished", "stopped", "interrupted", "diverged"].includes(status);
      return isOver ? series.step : horizon(series.step, steps);
    });
    const end = Math.max(2, ...ends);
    if (!this.isLog) return { type: "linear", range: [-0.01 * end, 1.02 * end] };
    const first = Math.min(...this.runs.map(({ feed }) => feed.series.splits.training.step[0] ?? 1));
    return { type: "log", range: [Math.log10(Math.max(1, first)) - 0.05, Math.log10(end) + 0.03], dtick: 1 };
  }

  // From the least to the greatest value; on a linear axis without those of the very beginning, which dwarf the rest.
  upwards(term, drawn) {
    let [low, high] = [Infinity, -Infinity];
    for (const { line, chosen, steps } of drawn) {
      const settled = this.isLog || chosen.length < 8 ? 0 : SETTLED * steps.at(-1);
      for (let at = 0; at < chosen.length; at++) {
        const value = line[term][chosen[at]];
        if (steps[at] < settled || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (low > high) [low, high] = [0, 1];
    return (this.ranges[term] = follow(this.ranges[term], [low, high]));
  }

  // The name of a term and its newest values over its panel, whose left and top are shares of the drawing area.
  caption(at, left, top) {
    const term = this.terms[at];
    const values = this.runs.map(({ feed }) => feed.series.splits.training[term].at(-1));
    const known = values.filter(Number.isFinite).map((value) => rough(value, this.language));
    const made = this.captions[at];
    made.replaceChildren(element("b", "", this.names[term]), ` ${known.join(" · ")}`);
    const { l, r, t, b } = MARGIN;
    made.style.left = `calc(${l}px + ${left} * (100% - ${l + r}px))`;
    made.style.top = `calc(${t}px + ${1 - top} * (100% - ${t + b}px))`;
  }

  // Where something was changed, and the step that is looked back at.
  marks(theme) {
    const labels = { beta: this.texts.event_beta, learning_rate: this.texts.event_learning_rate };
    const events = this.runs.flatMap(({ feed, colour }) =>
      feed.series.events.slice(-MOST_EVENTS).map((event) => ({
        step: event.step,
        line: { color: colour, width: 1, dash: "dot" },
        text: event.name === "paused" ? "" : fill(labels[event.name], { value: rough(event.value, this.language) }),
      })),
    );
    const marker = { step: this.marker, line: { color: theme.text, width: 1.5 }, text: "" };
    const all = this.marker === null ? events : [...events, marker];
    return this.terms.flatMap((_, at) =>
      all
        .filter(({ step }) => step > 0 || !this.isLog)
        .map(({ step, line, text }) => ({
          type: "line",
          xref: `x${at ? at + 1 : ""}`,
          yref: `y${at ? at + 1 : ""} domain`,
          x0: step,
          x1: step,
          y0: 0,
          y1: 1,
          line,
          label: at || !text ? undefined : { text, textangle: 0, textposition: "end", font: { size: 10 } },
        })),
    );
  }

  remove() {
    clearTimeout(this.timer);
    this.graph.remove();
  }
}

function trace({ run, split, line, chosen, steps }, term, at, theme) {
  const isTraining = split === "training";
  return {
    type: "scatter",
    mode: chosen.length < (isTraining ? 2 : FEW) ? "lines+markers" : "lines",
    meta: { run: run.name, split, term },
    x: steps,
    y: chosen.map((index) => line[term][index]),
    xaxis: `x${at ? at + 1 : ""}`,
    yaxis: `y${at ? at + 1 : ""}`,
    line: { color: isTraining ? `${run.colour}90` : run.colour, width: isTraining ? 1 : 2.4 },
    marker: { color: run.colour, size: 5, line: { color: theme.ground, width: 1 } },
    hoverinfo: "skip",
  };
}
