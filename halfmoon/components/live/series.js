// The records of a run so far: a line for each split, events, the speed.

/** @import { Control, RunRecord, Setting } from "./data.d.ts" */
/** @typedef {{ step: number, name: string, value?: number }} RunEvent what is marked in the curves */

export const MAX_DRAWN = 1500; // points of a line
export const MAX_KEPT = 100_000; // records of a split; beyond, every second one is forgotten
const RATE_SECONDS = 15; // the speed is that of this last while
const BLOCKS_A_FOLD = 64; // on a logarithmic axis, for every factor e

// The terms of one split over the steps, an array for each.
export class Line {
  /** @param {string[]} terms their names in the records */
  constructor(terms) {
    this.step = /** @type {number[]} */ ([]);
    this.terms = /** @type {Record<string, number[]>} */ ({ total: [] });
    for (const name of terms) this.terms[name] = [];
    this.stride = 1; // of so many records one is kept
    this.toCome = 0; // records until the next one that is kept; the last one is there until another comes
  }

  /** @param {RunRecord} record */
  add(record) {
    const isMadeAgain = this.last >= record.step;
    if (this.toCome > 0 && !isMadeAgain) this.drop();
    while (this.last >= record.step) this.drop();
    this.step.push(record.step);
    for (const [name, values] of Object.entries(this.terms)) values.push(record[name] ?? NaN);
    this.toCome = (this.toCome || this.stride) - 1;
    if (this.step.length > MAX_KEPT) this.halve();
  }

  get total() {
    return this.terms.total;
  }

  // The step of its last record.
  get last() {
    return this.step.at(-1) ?? -Infinity;
  }

  drop() {
    this.step.pop();
    for (const values of Object.values(this.terms)) values.pop();
  }

  halve() {
    const isEven = (/** @type {number} */ _, /** @type {number} */ at) => at % 2 === 0;
    this.step = this.step.filter(isEven);
    for (const name of Object.keys(this.terms)) this.terms[name] = this.terms[name].filter(isEven);
    this.stride *= 2;
    this.toCome = this.stride - 1;
  }
}

export class Series {
  /** @param {string[]} [terms] those of the loss that are drawn, by their names in the records */
  constructor(terms = []) {
    this.splits = { training: new Line(terms), validation: new Line(terms) };
  }

  events = /** @type {RunEvent[]} */ ([]);
  recent = /** @type {[step: number, seconds: number][]} */ ([]); // since it last began to move
  count = 0;
  step = 0;
  seconds = 0;
  beta = /** @type {number | null} */ (null);
  speed = /** @type {number | null} */ (null); // images a second
  pausedAt = /** @type {number | null} */ (null);
  message = /** @type {string | null} */ (null); // of a loss that is not finite
  reseeded = false; // a resume could not go on with the same random numbers
  refused = /** @type {string | null} */ (null); // why what was asked for was not done
  asked = /** @type {Partial<Record<Setting, number>>} */ ({}); // where they were changed

  /** @param {RunRecord[]} records */
  add(records) {
    for (const record of records) {
      this.count += 1;
      this.step = record.step;
      this.seconds = record.seconds ?? this.seconds;
      if (record.event) this.addEvent(record);
      else this.addTerms(record);
    }
  }

  /** @param {RunRecord} record */
  addTerms(record) {
    if (record.split !== "training" && record.split !== "validation") return;
    this.splits[record.split].add(record);
    this.beta = record.beta ?? this.beta;
    if (record.split !== "training") return;
    this.speed = record.images_per_second ?? this.speed;
    this.recent.push([record.step, this.seconds]);
    while (this.recent.length > 2 && this.seconds - this.recent[0][1] > RATE_SECONDS) this.recent.shift();
  }

  /** @param {RunRecord} record */
  addEvent({ event, step, control = {}, message }) {
    const isPause = event === "paused" || (event === "control" && control.pause === true);
    const isOther = event === "refused" || (event === "control" && control.pause !== false);
    if (event === "control") this.addSettings(step, control);
    if (isPause && this.pausedAt === null) {
      this.pausedAt = step;
      this.events.push({ step, name: "paused" });
    } else if (!isPause && !isOther) {
      this.pausedAt = null;
    }
    this.refused = event === "refused" ? (message ?? "") : null;
    this.reseeded ||= event === "reseeded";
    if (event === "diverged") this.message = message ?? null;
    this.recent = [];
  }

  /**
   * @param {number} step
   * @param {Control} control
   */
  addSettings(step, control) {
    for (const name of /** @type {Setting[]} */ (["beta", "learning_rate"])) {
      const value = control[name];
      if (value === null || value === undefined || value === this.asked[name]) continue;
      this.asked[name] = value;
      this.events.push({ step, name, value });
    }
  }

  /**
   * Seconds until `steps` are done, at the speed of the last while; null where nobody knows.
   * @param {number} steps
   */
  remaining(steps) {
    if (this.recent.length < 2) return null;
    const [[step, seconds], [lastStep, lastSeconds]] = [this.recent[0], this.recent[this.recent.length - 1]];
    return ((steps - this.step) * (lastSeconds - seconds)) / (lastStep - step);
  }
}

/**
 * Which points of a line are drawn, at most `most`: of each block the least and the greatest total, and the last one.
 * A block begins at the same record whatever comes later, so that what is drawn stays where it is.
 * @param {{ step: ArrayLike<number>, total: ArrayLike<number> }} line
 * @param {boolean} isLog
 */
export function thinned({ step, total }, isLog, most = MAX_DRAWN) {
  const count = step.length;
  if (count <= most) return Array.from(step, (_, at) => at);
  const block = isLog ? blockByRatio(step, most) : blockByCount(count, most);
  const chosen = [];
  for (let start = 0, end; start < count; start = end) {
    let least = start;
    let greatest = start;
    for (end = start + 1; end < count && block(end) === block(start); end++) {
      if (total[end] < total[least]) least = end;
      if (total[end] > total[greatest]) greatest = end;
    }
    chosen.push(Math.min(least, greatest));
    if (least !== greatest) chosen.push(Math.max(least, greatest));
  }
  if (chosen.at(-1) !== count - 1) chosen.push(count - 1);
  return chosen;
}

/**
 * @param {number} count
 * @param {number} most
 * @returns {(at: number) => number}
 */
function blockByCount(count, most) {
  const size = 2 ** Math.ceil(Math.log2((2 * count) / (most - 3)));
  return (at) => Math.floor(at / size);
}

/**
 * @param {ArrayLike<number>} step
 * @param {number} most
 * @returns {(at: number) => number}
 */
function blockByRatio(step, most) {
  const folds = Math.log(step[step.length - 1] / Math.max(1, step[0]));
  const blocks = Math.min(BLOCKS_A_FOLD, (most / 2 - 3) / folds);
  return (at) => Math.floor(blocks * Math.log(Math.max(1, step[at])));
}
