// The polling of one run's state from the server, while more is to come and the page is visible.

import { readMoment } from "./moment.js";
import { Series } from "./series.js";

/** @import { Control, RecordsAnswer, Status, WaitsFor } from "./data.d.ts" */
/** @import { Moment } from "./moment.js" */

/** @type {Partial<Record<Status, number>>} */
const INTERVALS = { training: 400, paused: 2000, queued: 2000 }; // milliseconds; any other status is an end
const LOST_INTERVAL = 3000; // after no answer
const EAGER_INTERVAL = 120; // after something was asked for, until the answer shows it
const EAGER_POLLS = 8;
const SNAPSHOT_INTERVAL = 3000;
const MAX_RECORDS = 2000; // of a long run at first

/** @param {Status | null} status */
export function isEnded(status) {
  return status !== null && !(status in INTERVALS);
}

export class Feed {
  /**
   * @param {string} address
   * @param {number} steps
   * @param {string[]} terms of the loss that are drawn
   * @param {() => void} changed there is something new, however little
   */
  constructor(address, steps, terms, changed) {
    this.address = address;
    this.steps = steps;
    this.terms = terms;
    this.changed = changed;
    this.series = new Series(this.terms);
    this.status = /** @type {Status | null} */ (null); // not known yet
    this.place = /** @type {number | null} */ (null);
    this.waitsFor = /** @type {WaitsFor | null} */ (null); // that must end, or give its place away, before this one may
    this.minutes = /** @type {number | null} */ (null); // of a pause, after which others may begin
    this.control = /** @type {Control} */ ({}); // what has been asked of the run, as far as one knows here
    this.message = /** @type {string | null} */ (null); // a sentence on how it ended
    this.isResumable = false;
    this.moment = /** @type {Moment | null} */ (null); // the newest
    this.moments = /** @type {Map<number, Moment>} */ (new Map()); // kept ones, by their step
    this.snapshots = /** @type {number[]} */ ([]);
    this.isLost = false;
    this.offset = 0;
    this.stamp = "";
    this.eager = 0; // polls to come
    this.isPolling = false;
    this.isStale = false; // what is under way may have been answered too early
    this.timer = /** @type {number | undefined} */ (undefined);
    this.asking = /** @type {Promise<unknown>} */ (Promise.resolve());
    this.snapshotsRead = -Infinity;
    this.leaving = new AbortController();
    document.addEventListener("visibilitychange", this.seen, { signal: this.leaving.signal });
    this.poll();
  }

  seen = () => document.hidden || isEnded(this.status) || this.poll();

  // Asks now, whatever was known: the run may go on.
  wake() {
    this.eager = EAGER_POLLS;
    this.poll();
  }

  async poll() {
    clearTimeout(this.timer);
    if (this.isPolling) {
      this.isStale = true;
      return;
    }
    if (document.hidden || this.leaving.signal.aborted) return;
    this.isPolling = true;
    const begun = performance.now();
    try {
      await this.read();
      this.isLost = false;
    } catch (error) {
      if (this.leaving.signal.aborted) return;
      if (error instanceof RefusedError && error.status === 404) this.status = "gone";
      else this.isLost = true;
    } finally {
      this.isPolling = false;
    }
    this.changed();
    const wait = this.isStale ? 0 : this.interval() - (performance.now() - begun);
    this.isStale = false;
    if (Number.isFinite(wait)) this.timer = setTimeout(() => this.poll(), Math.max(0, wait));
  }

  interval() {
    if (this.isLost) return LOST_INTERVAL;
    if (this.eager > 0) return this.eager-- && EAGER_INTERVAL;
    return (this.status && INTERVALS[this.status]) ?? Infinity;
  }

  async read() {
    const query = `offset=${this.offset}&most=${MAX_RECORDS}`;
    const records = this.fetch(`records?${query}`).then(checked);
    /** @type {[RecordsAnswer, void]} */
    const [answer] = await Promise.all([records.then((response) => response.json()), this.readNewest()]);
    if (answer.reset) this.startOver();
    const was = this.status;
    this.offset = answer.offset;
    this.status = answer.status;
    this.place = answer.place ?? null;
    this.waitsFor = answer.waits_for ?? null;
    this.minutes = answer.minutes ?? null;
    this.steps = answer.steps ?? this.steps;
    this.message = answer.message ?? null;
    this.isResumable = answer.is_resumable ?? false;
    this.series.add(answer.records);
    for (const { event, control } of answer.records) if (event === "control") Object.assign(this.control, control);
    if (!this.isStale) Object.assign(this.control, asked(answer.control)); // else it may be older than what was asked
    if (isEnded(this.status) && was !== this.status) await this.readNewest(); // its last preview comes before its end
    const isDue = performance.now() - this.snapshotsRead > SNAPSHOT_INTERVAL;
    if (isDue || was !== this.status) await this.readSnapshots();
  }

  startOver() {
    this.series = new Series(this.terms);
    this.moments.clear();
    this.snapshotsRead = -Infinity;
  }

  async readNewest() {
    const response = await this.fetch(`preview?after=${encodeURIComponent(this.stamp)}`);
    if (response.status === 204 || response.status === 404) return; // nothing new, or nothing yet
    this.moment = readMoment(await checked(response).then((answer) => answer.arrayBuffer()));
    this.stamp = response.headers.get("X-Stamp") ?? response.headers.get("ETag") ?? "";
  }

  async readSnapshots() {
    const response = await this.fetch("snapshots");
    this.snapshots = response.status === 404 ? [] : await checked(response).then((answer) => answer.json());
    this.snapshotsRead = performance.now();
  }

  /**
   * The kept moment at this step; null where it has been given up since.
   * @param {number} step
   */
  async momentAt(step) {
    const known = this.moments.get(step);
    if (known) return known;
    const response = await this.fetch(`snapshots/${step}`);
    if (!response.ok) return null;
    const moment = readMoment(await response.arrayBuffer());
    this.moments.set(step, moment);
    return moment;
  }

  /**
   * Asks the worker for something; raises an error with the server's sentence where it may not.
   * @param {Control} change
   */
  async ask(change) {
    const body = JSON.stringify(change);
    const headers = { "Content-Type": "application/json" };
    const before = this.asking.catch(() => {}); // one after the other
    const answer = before.then(() => this.fetch("control", { method: "POST", headers, body })).then(checked);
    this.asking = answer;
    Object.assign(this.control, await answer.then((response) => response.json()));
    this.wake();
  }

  /**
   * @param {string} path
   * @param {RequestInit} [options]
   */
  fetch(path, options = {}) {
    return fetch(`${this.address}/${path}`, { signal: this.leaving.signal, ...options });
  }

  end() {
    clearTimeout(this.timer);
    this.leaving.abort();
  }
}

/**
 * What control.json asks for. Nothing, of a speed, is full speed; of all else it leaves things as they are.
 * @param {Control | null} control
 * @returns {Control}
 */
function asked(control) {
  return Object.fromEntries(
    Object.entries(control ?? {}).filter(([name, value]) => value !== null || name === "steps_a_second"),
  );
}

// An answer that says why there is none.
class RefusedError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @param {Response} response */
async function checked(response) {
  if (response.ok) return response;
  throw new RefusedError((await response.text()) || response.statusText, response.status);
}
