// One training or two side by side, live and at earlier steps: heads, planes, images, curves, the slider.
// Each run's feed asks the server itself.

import { element } from "../shared/dom.js";
import { Legend } from "../shared/legend.js";
import { onThemeChange } from "../shared/theme.js";
import { Curves } from "./curves.js";
import { isEnded } from "./feed.js";
import { LiveRun } from "./run.js";
import { Scrubber } from "./scrubber.js";
import { Transport } from "./transport.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { PointClass } from "../latent_plane/data.d.ts" */
/** @import { Data, Request } from "./data.d.ts" */

export class Trainings {
  /**
   * @param {HTMLElement} root
   * @param {Omit<Data, "turn">} data
   * @param {(request: Request) => void} ask
   */
  constructor(root, { texts, language, base, runs }, ask) {
    this.root = root;
    this.ask = ask;
    this.isUnderWay = false; // a run has not ended, as far as the page knows
    this.hidden = /** @type {Set<number>} */ (new Set()); // labels
    this.frame = /** @type {number | null} */ (null); // that has been asked for
    const terms = Object.assign({}, ...runs.map((spec) => spec.terms)); // an AE has fewer than the VAE beside it
    const surroundings = { base, texts, language, hidden: this.hidden };
    this.runs = runs.map((spec) => new LiveRun(spec, { ...surroundings, changed: () => this.changed() }));
    this.scrubber = new Scrubber({
      texts,
      language,
      runs: this.runs,
      go: (step) => this.go(step),
      branch: ({ spec }, step, changes) => ask({ branch: { run: spec.name, step, changes } }),
    });
    this.curves = new Curves({ base, texts, language, runs: this.runs, terms });
    this.transport = new Transport({ texts, runs: this.runs, goOn: (names) => ask({ resume: names }) });
    const board = element("div", "live-runs", ...this.runs.map((run) => run.element));
    const { element: scrubber, branching } = this.scrubber;
    this.legend = this.legendOf(texts, runs[0].classes);
    const below = element("div", "live-below", this.legend.element, scrubber, branching.element);
    root.replaceChildren(this.transport.element, board, below, this.curves.element);
    root.classList.toggle("alone", runs.length === 1);
    this.stopWatching = onThemeChange(root, () => this.tint());
    this.tint();
  }

  // In the colours of the theme.
  tint() {
    this.curves.draw();
    this.changed();
  }

  /**
   * @param {Texts} texts
   * @param {PointClass[]} classes
   */
  legendOf(texts, classes) {
    return new Legend("live-classes", texts, classes, this.hidden, {
      hide: (labels) => this.hide(labels),
      point: (label) => {
        for (const { codes } of this.runs) codes.letStandOut(label);
      },
    });
  }

  /** @param {number[]} labels from now on, and no others */
  hide(labels) {
    this.hidden.clear();
    for (const label of labels) this.hidden.add(label);
    this.legend.show();
    for (const { codes } of this.runs) codes.drawDots();
  }

  // What has come is shown at the next frame, all of it at once.
  changed() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.scrubber.update();
      for (const run of this.runs) run.refresh(this.scrubber.at);
      this.transport.show();
      this.root.classList.toggle("empty", this.runs.every(({ feed }) => !feed.moment && !feed.series.count));
      this.tellTheEnd();
      this.curves.show(this.scrubber.at);
    });
  }

  // The page is told when the last of the runs has ended before its eyes.
  tellTheEnd() {
    const hasEnded = this.runs.every(({ feed }) => isEnded(feed.status));
    if (hasEnded && this.isUnderWay) this.ask({ ended: true });
    this.isUnderWay = !hasEnded && (this.isUnderWay || this.runs.some(({ feed }) => feed.status !== null));
  }

  /**
   * Shows that moment of every run, or the present where `step` is null.
   * @param {number | null} step
   */
  async go(step) {
    this.curves.show(step);
    await Promise.all(this.runs.map((run) => run.go(step, step === null ? null : this.scrubber.nearest(run))));
  }

  remove() {
    this.scrubber.stop();
    this.stopWatching();
    this.curves.remove();
    for (const run of this.runs) run.remove();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.changed = () => {}; // whatever has yet to come
  }
}
