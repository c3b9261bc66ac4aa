// One training or two side by side, as they happen and as they were: heads, planes, pictures, curves, a way back.
// It asks the server itself; the page is only told of what the user wants done.

import { element } from "../shared/dom.js";
import { brightness, channels } from "../shared/raster.js";
import { onThemeChange } from "../shared/theme.js";
import { toggles } from "../shared/toggles.js";
import { Codes } from "./codes.js";
import { Curves } from "./curves.js";
import { Dimensions } from "./dimensions.js";
import { Feed, isEnded } from "./feed.js";
import { Happening } from "./happening.js";
import { Header } from "./header.js";
import { Reconstructions, Samples } from "./images.js";
import { Scrubber } from "./scrubber.js";

const REFUSAL_SECONDS = 8; // that it is said why something was not done

// Called by every run of the page.
export function show(root, data, ask) {
  root.live ??= new Live(root);
  root.live.show(data, ask);
}

// Called when the page is left, and before it is shown anew: only an element that has gone is cleared.
export function leave(root) {
  setTimeout(() => root.isConnected || root.live?.clear(), 1000);
}

class Live {
  constructor(root) {
    this.root = root;
    this.runs = [];
  }

  show({ turn, ...data }, ask) {
    this.ask = ask;
    const described = (key, value) => (key === "steps" ? null : value); // of those the server tells
    const description = JSON.stringify(data, described);
    if (description !== this.description) {
      this.description = description;
      this.build(data);
    } else if (turn !== this.turn) {
      for (const { feed } of this.runs) feed.wake();
    }
    this.turn = turn;
  }

  build(data) {
    this.clear();
    const { texts, language, base, runs } = data;
    this.hidden = new Set();
    this.runs = runs.map((spec, at) => new LiveRun(spec, at, this, data));
    this.scrubber = new Scrubber({
      texts,
      language,
      runs: this.runs,
      go: (step) => this.go(step),
      branch: ({ spec }, step, changes) => this.ask({ branch: { run: spec.name, step, changes } }),
    });
    const hasKl = runs.some(({ has_posterior }) => has_posterior);
    this.curves = new Curves({ base, texts, language, runs: this.runs, hasKl });
    const board = element("div", "live-runs", ...this.runs.map((run) => run.element));
    const { element: scrubber, branching } = this.scrubber;
    const below = element("div", "live-below", this.classes(data), scrubber, branching.element);
    this.root.replaceChildren(board, below, this.curves.element);
    this.root.classList.toggle("alone", runs.length === 1);
    this.stopWatching = onThemeChange(this.root, () => this.tint());
    this.tint();
  }

  // The last run has the theme's own colour, the one beside it another that goes with it.
  tint() {
    const style = getComputedStyle(this.root);
    const isDark = brightness(channels(style.getPropertyValue("--st-background-color").trim())) < 0.5;
    this.root.style.setProperty("--live-first", isDark ? "#7db3ee" : "#c4691f");
    for (const run of this.runs) run.colour = style.getPropertyValue(run.colourName).trim();
    this.curves.draw();
    this.changed();
  }

  classes({ texts, runs }) {
    const [{ classes }] = runs;
    const entries = classes.map(({ name, colour }, key) => ({ key, name, colour }));
    const isOn = (key) => !this.hidden.has(key);
    return toggles("live-classes", texts.legend, entries, isOn, (key) => {
      this.hidden.has(key) ? this.hidden.delete(key) : this.hidden.add(key);
      for (const run of this.runs) run.codes.drawDots();
    });
  }

  // What has come is shown at the next frame, all of it at once.
  changed() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (!this.runs.length) return;
      this.scrubber.update();
      for (const run of this.runs) run.refresh(this.scrubber.at);
      this.curves.show(this.scrubber.at);
    });
  }

  // Shows that moment of every run, or the present where `step` is null.
  async go(step) {
    this.curves.show(step);
    await Promise.all(this.runs.map((run) => run.go(step, step === null ? null : this.scrubber.nearest(run))));
  }

  clear() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.scrubber?.stop();
    this.stopWatching?.();
    this.curves?.remove();
    for (const run of this.runs) run.remove();
    this.runs = [];
    this.root.replaceChildren();
  }
}

class LiveRun {
  constructor(spec, at, live, { base, texts, language, runs }) {
    Object.assign(this, { spec, name: spec.name, title: spec.title, live });
    this.colourName = at === runs.length - 1 ? "--live-last" : "--live-first";
    this.feed = new Feed(`${base}/live/${encodeURIComponent(spec.name)}`, spec.steps, () => live.changed());
    this.happening = new Happening(texts, language);
    const ask = (change) => this.steer(change);
    const goOn = () => live.ask({ resume: true });
    this.header = new Header({ texts, language, run: spec, colour: `var(${this.colourName})`, ask, goOn });
    this.codes = new Codes({ base, texts, language, run: spec, classes: spec.classes, hidden: live.hidden });
    this.reconstructions = new Reconstructions(texts);
    this.samples = new Samples(texts);
    this.dimensions = new Dimensions(texts, spec.has_posterior);
    const side = element("div", "live-side", this.samples.element, this.dimensions.element);
    const body = element("div", "live-body", this.codes.element, side, this.reconstructions.element);
    this.element = element("article", "live-run", this.header.element, body);
    this.element.dataset.run = spec.name;
  }

  // β or the learning rate at that step: what it began with, or what it was changed to since.
  inForce(name, step) {
    const added = this.spec.extensions.map(([from, value]) => ({ step: from, name: "learning_rate", value }));
    const changes = [...added, ...this.feed.series.events].filter((one) => one.name === name && one.step <= step);
    return changes.sort((one, other) => one.step - other.step).at(-1)?.value ?? this.spec[name];
  }

  async steer(change) {
    this.refusal = null;
    try {
      await this.feed.ask(change);
    } catch (error) {
      this.refusal = error.message;
      setTimeout(() => ((this.refusal = null), this.live.changed()), REFUSAL_SECONDS * 1000);
    }
    this.live.changed();
  }

  refresh(at) {
    const { feed } = this;
    if (feed.moment && feed.moment !== this.seen) {
      this.seen = feed.moment;
      this.happening.see(feed.moment);
      if (at === null) this.draw(feed.moment);
    }
    this.header.show(feed, this.happening.say({ ...feed, refusal: this.refusal }));
    this.element.dataset.status = feed.status ?? "";
    this.element.dataset.step = feed.series.step;
  }

  async go(at, step) {
    this.wanted = at;
    const moment = at === null ? this.feed.moment : await this.feed.momentAt(step).catch(() => null);
    if (this.wanted === at && moment) this.draw(moment);
  }

  draw(moment) {
    this.codes.show(moment, isEnded(this.feed.status));
    this.reconstructions.show(moment);
    this.samples.show(moment);
    this.dimensions.show(moment);
    this.element.dataset.shown = moment.step;
  }

  remove() {
    this.feed.end();
    this.codes.remove();
  }
}
