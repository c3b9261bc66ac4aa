// The remark on a training: the chief event or problem, in one sentence.

import { fill } from "../shared/dom.js";
import { count, paragraph } from "./words.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { WaitsFor } from "./data.d.ts" */
/** @import { Feed } from "./feed.js" */
/** @import { Moment } from "./moment.js" */
/** @import { Series } from "./series.js" */
/** @typedef {{ text: string, grave: boolean }} Said an empty text where all goes its way */

const COLLAPSED_KL = 0.01; // nats
const COLLAPSED_VARIANCE = 0.01;
const WARM_UP = { steps: 300, share: 0.5 }; // the sooner of the two is too soon: codes come apart only in their time
const NOISELESS = 1e-4; // of the posterior's variance to that of the codes
const SMALL_BETA = 0.1;
const HISTORY = 6; // moments to compare with
const RISES = 5; // validations in a row that make an overfit

export class Happening {
  /**
   * @param {Texts} texts
   * @param {string} language
   * @param {boolean} maySteer
   */
  constructor(texts, language, maySteer) {
    this.texts = texts;
    this.language = language;
    this.maySteer = maySteer;
    this.noise = /** @type {number[]} */ ([]); // the noisiest dimension's noise to signal, of the last moments
    this.collapsed = /** @type {number[][]} */ ([]); // dimensions, at the last moment and the one before
    this.dims = 0;
  }

  /**
   * A new moment of the run.
   * @param {Moment} moment
   */
  see(moment) {
    const { kl, sigma, variances } = moment;
    if (!kl.every(Number.isFinite)) return; // codes are points
    this.noise.push(Math.max(...sigma.map((value, dim) => value ** 2 / variances[dim])));
    if (this.noise.length > HISTORY) this.noise.shift();
    const flat = kl.flatMap((value, dim) => (value < COLLAPSED_KL && variances[dim] < COLLAPSED_VARIANCE ? [dim] : []));
    this.collapsed = [this.collapsed[1] ?? flat, flat];
    this.dims = kl.length;
  }

  /**
   * @param {Feed} feed
   * @param {string | null} refusal why something has just not been done
   * @returns {Said}
   */
  say({ series, status, place, waitsFor, minutes, steps, message, isLost }, refusal) {
    const { texts } = this;
    const step = count(series.step, this.language);
    if (refusal) return grave(fill(texts.not_done, { reason: refusal }));
    if (isLost) return grave(texts.lost);
    if (status === "gone") return grave(texts.gone_hint);
    if (status === "failed") return grave(fill(texts.failed_because, { reason: message }));
    if (status === "diverged") return grave(fill(texts.diverged, { step }));
    if (series.refused) return grave(fill(texts.refused, { reason: series.refused }));
    if (status === "queued") return calm(this.watched(this.queued(place, waitsFor)));
    const health = this.health(series, steps);
    if (health) return grave(health);
    if (status === "paused") {
      const words = fill(texts.paused_at, { step });
      if (!this.maySteer) return calm(this.watched(words));
      const more = minutes ? fill(texts.gives_place, { minutes }) : "";
      return calm(paragraph([words, texts.paused_steer, more].filter(Boolean)));
    }
    if (status === "training" && !this.maySteer) return calm(texts.watching);
    if (status === "interrupted") {
      return calm(message ? fill(texts.interrupted_because, { reason: message }) : texts.interrupted_hint);
    }
    return calm(series.reseeded ? texts.reseeded : "");
  }

  /**
   * The same for whoever only watches, who is told so.
   * @param {string} words
   */
  watched(words) {
    return this.maySteer ? words : `${words} ${this.texts.watching}`;
  }

  /**
   * @param {number | null} place
   * @param {WaitsFor | null} waitsFor
   */
  queued(place, waitsFor) {
    const { texts } = this;
    if (!place) return texts.queued_elsewhere;
    const words = fill(texts.queued_at, { place });
    if (!waitsFor) return words;
    const { name: run, is_paused: isPaused } = waitsFor;
    return `${words} ${fill(isPaused ? texts.waits_for_paused : texts.waits_for, { run })}`;
  }

  /**
   * @param {Series} series
   * @param {number} steps
   */
  health(series, steps) {
    const { texts } = this;
    if (this.isNoiseless(series)) return texts.noise_dies;
    const flat = this.isWarm(series, steps) ? this.collapsedDims() : [];
    if (flat.length && flat.length === this.dims) return texts.collapsed_all;
    if (flat.length === 1) return fill(texts.collapsed_one, { dim: flat[0] + 1 });
    if (flat.length) return fill(texts.collapsed_some, { count: flat.length, dims: this.dims });
    return isOverfitting(series) ? texts.overfitting : "";
  }

  /**
   * Whether β and the model have had time to come to terms.
   * @param {Series} series
   * @param {number} steps
   */
  isWarm({ step, splits, beta }, steps) {
    const early = Math.min(WARM_UP.steps, WARM_UP.share * steps);
    return step > early && splits.training.step.length > 1 && (beta === null || beta > 0);
  }

  collapsedDims() {
    const [before, now] = this.collapsed;
    return now?.filter((dim) => before.includes(dim)) ?? [];
  }

  /** @param {Series} series */
  isNoiseless({ beta }) {
    if (!this.noise.length || (beta !== null && beta >= SMALL_BETA)) return false;
    const last = this.noise[this.noise.length - 1];
    return last < NOISELESS && last <= this.noise[0];
  }
}

/**
 * Whether the validation total has risen again and again while the training total fell.
 * @param {Series} series
 */
function isOverfitting({ splits: { training, validation }, events }) {
  const changed = events.filter(({ name }) => name === "beta").at(-1)?.step ?? 0; // totals don't compare across it
  const at = validation.step.length - RISES - 1;
  if (at < 0 || validation.step[at] <= changed) return false;
  const last = validation.total.slice(at);
  if (!last.every((value, index) => index === 0 || value > last[index - 1])) return false;
  const middle = validation.step[at + Math.ceil(RISES / 2)];
  const early = training.total.filter((_, index) => training.step[index] > validation.step[at]);
  const steps = training.step.filter((step) => step > validation.step[at]);
  const before = mean(early.filter((_, index) => steps[index] <= middle));
  const after = mean(early.filter((_, index) => steps[index] > middle));
  return after < before;
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {string} text */
function calm(text) {
  return { text, grave: false };
}

/** @param {string} text */
function grave(text) {
  return { text, grave: true };
}
