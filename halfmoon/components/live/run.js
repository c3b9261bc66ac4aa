// A run in training: its head, its codes and images, and its feed.

import { element, messageOf } from "../shared/dom.js";
import { Codes } from "./codes.js";
import { Dimensions } from "./dimensions.js";
import { Feed, isEnded } from "./feed.js";
import { Happening } from "./happening.js";
import { Header } from "./header.js";
import { Reconstructions, Samples } from "./images.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Control, RunSpec, Setting } from "./data.d.ts" */
/** @import { Moment } from "./moment.js" */
/**
 * @typedef {object} Surroundings
 * @property {string} base
 * @property {Texts} texts
 * @property {string} language
 * @property {Set<number>} hidden labels
 * @property {() => void} changed there is something new
 */

const REFUSAL_SECONDS = 8; // that it is said why something was not done

export class LiveRun {
  /**
   * @param {RunSpec} spec
   * @param {Surroundings} surroundings
   */
  constructor(spec, { base, texts, language, hidden, changed }) {
    this.spec = spec;
    this.name = spec.name;
    this.title = spec.title;
    this.colour = spec.colour;
    this.changed = changed;
    this.refusal = /** @type {string | null} */ (null); // why something has just not been done
    this.seen = /** @type {Moment | null} */ (null); // the newest moment
    this.wanted = /** @type {number | null} */ (null); // the step that is looked back at
    this.advanced = 0; // single steps asked for since the pause began
    const address = `${base}/live/${encodeURIComponent(spec.name)}`;
    this.feed = new Feed(address, spec.steps, Object.keys(spec.terms), changed);
    this.happening = new Happening(texts, language, spec.may_control);
    this.header = new Header({
      texts,
      language,
      run: spec,
      colour: spec.colour,
    });
    this.codes = new Codes({ base, texts, language, run: spec, hidden });
    this.reconstructions = new Reconstructions(texts);
    this.samples = new Samples(texts);
    this.dimensions = new Dimensions(texts, spec.has_posterior);
    const side = element("div", "live-side", this.samples.element, this.dimensions.element);
    this.waiting = element("p", "live-waiting", texts.starting_hint);
    const parts = [this.codes.element, side, this.reconstructions.element, this.waiting];
    const body = element("div", "live-body", ...parts);
    this.element = element("article", "live-run", this.header.element, body);
    this.element.dataset.run = spec.name;
  }

  /**
   * β or the learning rate at that step: what it began with, or what it was changed to since.
   * @param {Setting} name
   * @param {number} step
   * @returns {number}
   */
  inForce(name, step) {
    const added = this.spec.extensions.map(([from, value]) => ({ step: from, name: "learning_rate", value }));
    const changes = [...added, ...this.feed.series.events].filter((one) => one.name === name && one.step <= step);
    return changes.sort((one, other) => one.step - other.step).at(-1)?.value ?? this.spec[name];
  }

  /**
   * What was asked for and is not obeyed yet, else what is in force.
   * @param {Setting} name
   */
  setting(name) {
    const { control, series } = this.feed;
    const asked = control[name];
    return asked !== undefined && asked !== series.asked[name] ? asked : this.inForce(name, Infinity);
  }

  // β as it went: what it began with, and what it was changed to; none of an AE.
  betas() {
    if (!this.spec.has_posterior) return [];
    const later = this.feed.series.events.flatMap(({ name, value }) => (name === "beta" ? (value ?? []) : []));
    return [...new Set([this.spec.beta, later.at(-1) ?? this.spec.beta])];
  }

  /** @param {Control} change */
  async steer(change) {
    this.refusal = null;
    if (change.pause !== undefined) this.advanced = 0;
    try {
      await this.feed.ask(change);
    } catch (error) {
      this.refusal = messageOf(error);
      setTimeout(() => ((this.refusal = null), this.changed()), REFUSAL_SECONDS * 1000);
    }
    this.changed();
  }

  // One step more, while it is paused: the number of single steps since the pause began is what is asked for.
  advance() {
    const { series, control } = this.feed;
    const made = series.pausedAt === null ? 0 : series.step - series.pausedAt;
    this.advanced = Math.max(this.advanced, made, control.advance ?? 0) + 1;
    this.steer({ advance: this.advanced });
  }

  /** @param {number | null} at the step that is looked back at */
  refresh(at) {
    const { feed } = this;
    if (feed.moment && feed.moment !== this.seen) {
      this.seen = feed.moment;
      this.happening.see(feed.moment);
      if (at === null) this.draw(feed.moment);
    }
    this.header.show(feed, this.happening.say(feed, this.refusal), this.betas());
    this.element.classList.toggle("empty", !feed.moment);
    this.waiting.hidden = feed.moment !== null || feed.status !== "training";
    this.element.dataset.status = feed.status ?? "";
    this.element.dataset.step = String(feed.series.step);
  }

  /**
   * @param {number | null} at the step that is looked back at
   * @param {number | null} step the one that the run has kept of it
   */
  async go(at, step) {
    this.wanted = at;
    const kept = step === null ? null : this.feed.momentAt(step).catch(() => null);
    const moment = at === null ? this.feed.moment : await kept;
    if (this.wanted === at && moment) this.draw(moment);
  }

  /** @param {Moment} moment */
  draw(moment) {
    this.codes.show(moment, isEnded(this.feed.status));
    this.reconstructions.show(moment);
    this.samples.show(moment);
    this.dimensions.show(moment);
    this.element.dataset.shown = String(moment.step);
  }

  remove() {
    this.feed.end();
    this.codes.remove();
  }
}
