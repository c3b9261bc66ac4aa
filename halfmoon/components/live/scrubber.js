// A slider over the snapshots of a training, whose right end is the present.

import { button, element, fill } from "../shared/dom.js";
import { Branching } from "./branching.js";
import { isEnded } from "./feed.js";
import { count } from "./words.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Changes } from "./data.d.ts" */
/** @import { LiveRun } from "./run.js" */

const FRAME = 160; // milliseconds a kept moment is shown while playing, at least

export class Scrubber {
  /**
   * `go(step)` shows that moment of every run, null the present; `branch(run, step, changes)` asks for a new run.
   * @param {{
   *   texts: Texts, language: string, runs: LiveRun[], go: (step: number | null) => Promise<void>,
   *   branch: (run: LiveRun, step: number, changes: Changes) => void,
   * }} scrubber
   */
  constructor({ texts, language, runs, go, branch }) {
    this.texts = texts;
    this.language = language;
    this.runs = runs;
    this.go = go;
    this.steps = /** @type {number[]} */ ([]);
    this.at = /** @type {number | null} */ (null); // the step that is shown; null is the present
    this.playing = /** @type {object | null} */ (null);
    this.version = "";
    this.range = element("input");
    Object.assign(this.range, { type: "range", min: 0, max: 0, step: 1, value: 0 });
    this.range.setAttribute("aria-label", texts.scrubber);
    this.range.oninput = () => {
      this.stop();
      this.choose(this.steps[Number(this.range.value)] ?? null);
    };
    this.play = button("live-play", texts.play, () => (this.playing ? this.stop() : this.start()));
    this.live = button("live-now", texts.now, () => {
      this.stop();
      this.choose(null);
    });
    this.where = element("output");
    this.branching = new Branching({ texts, language, begin: branch });
    this.branches = runs.map((run) => {
      const label = runs.length > 1 ? fill(texts.branch_one, { title: run.title }) : texts.branch;
      const made = button("", label, () => {
        const step = this.nearest(run);
        if (step !== null) this.branching.open(run, step);
      });
      made.title = texts.branch_help;
      return made;
    });
    const track = element("div", "live-track", this.range);
    const actions = element("div", "live-branches", ...this.branches);
    this.element = element("section", "live-scrubber", this.play, track, this.live, this.where, actions);
    this.showPlace();
  }

  // The kept steps of all runs may have become more, or others.
  update() {
    const steps = [...new Set(this.runs.flatMap(({ feed }) => feed.snapshots))].sort((one, other) => one - other);
    const version = [...steps, ...this.runs.map(({ feed }) => feed.status)].join();
    if (version === this.version) return;
    this.version = version;
    this.steps = steps;
    this.range.max = String(steps.length);
    if (this.at !== null && !steps.length) this.choose(null);
    this.showPlace();
  }

  /** @param {number | null} step */
  choose(step) {
    this.at = step;
    this.branching.close(); // it was for another moment
    this.showPlace();
    return this.go(step);
  }

  showPlace() {
    const { at, texts } = this;
    const isLive = at === null;
    const index = isLive ? -1 : this.steps.findIndex((step) => step >= at);
    const value = index < 0 ? this.steps.length : index;
    this.range.value = String(value);
    this.range.style.setProperty("--share", String(this.steps.length ? value / this.steps.length : 1));
    this.live.textContent = this.runs.every(({ feed }) => isEnded(feed.status)) ? texts.end : texts.now;
    this.where.textContent = isLive ? "" : fill(texts.moment, { step: count(at, this.language) });
    this.range.setAttribute("aria-valuetext", this.where.textContent || this.live.textContent);
    this.live.setAttribute("aria-pressed", String(isLive));
    this.element.hidden = !this.steps.length;
    this.branches.forEach((made, index) => {
      const run = this.runs[index];
      made.disabled = this.nearest(run) === null || (isLive && !isEnded(run.feed.status));
    });
  }

  /**
   * The latest kept step of a run no later than what is shown, else its first.
   * @param {LiveRun} run
   */
  nearest({ feed: { snapshots } }) {
    const { at } = this;
    const before = snapshots.findLast((step) => at === null || step <= at);
    return before ?? snapshots[0] ?? null;
  }

  // From where it stands, or from the beginning, to the present.
  async start() {
    const playing = (this.playing = {});
    this.play.textContent = this.texts.halt;
    let next = this.at ?? this.steps.at(0);
    while (this.playing === playing && next !== undefined) {
      const shown = next;
      await Promise.all([this.choose(shown), new Promise((resolve) => setTimeout(resolve, FRAME))]);
      next = this.steps.find((step) => step > (this.at ?? Infinity));
    }
    if (this.playing !== playing) return;
    this.stop();
    this.choose(null);
  }

  stop() {
    this.playing = null;
    this.play.textContent = this.texts.play;
  }
}
