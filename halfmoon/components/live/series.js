// What the records of a run say so far: a line for each split, events, how fast it goes.

export const TERMS = ["total", "reconstruction", "kl"];
const COLUMNS = ["step", ...TERMS];
export const MOST_DRAWN = 1500; // points of a line
export const MOST_KEPT = 100_000; // records of a split; beyond, every second one is forgotten
const RATE_SECONDS = 15; // the speed is that of this last while
const BLOCKS_A_FOLD = 64; // on a logarithmic axis, for every factor e

// The terms of one split over the steps, an array for each.
class Line {
  constructor() {
    for (const name of COLUMNS) this[name] = [];
    this.stride = 1; // of so many records one is kept
    this.toCome = 0; // records until the next one that is kept; the last one is there until another comes
  }

  add(record) {
    const isMadeAgain = this.step.at(-1) >= record.step;
    if (this.toCome > 0 && !isMadeAgain) this.drop();
    while (this.step.at(-1) >= record.step) this.drop();
    for (const name of COLUMNS) this[name].push(record[name]);
    this.toCome = (this.toCome || this.stride) - 1;
    if (this.step.length > MOST_KEPT) this.halve();
  }

  drop() {
    for (const name of COLUMNS) this[name].pop();
  }

  halve() {
    for (const name of COLUMNS) this[name] = this[name].filter((_, at) => at % 2 === 0);
    this.stride *= 2;
    this.toCome = this.stride - 1;
  }
}

export class Series {
  constructor() {
    this.clear();
  }

  clear() {
    this.splits = { training: new Line(), validation: new Line() };
    this.events = []; // { step, name, value }: what is marked in the curves
    this.recent = []; // [step, seconds] since it last began to move
    this.count = 0;
    this.step = 0;
    this.seconds = 0;
    this.beta = null;
    this.speed = null;
    this.pausedAt = null;
    this.message = null; // of a loss that is not finite
    this.refused = null; // why what was asked for was not done
    this.asked = {}; // β and learning rate, where they were changed
  }

  add(records) {
    for (const record of records) {
      this.count += 1;
      this.step = record.step;
      this.seconds = record.seconds ?? this.seconds;
      if (record.event) this.addEvent(record);
      else this.addTerms(record);
    }
  }

  addTerms(record) {
    const line = this.splits[record.split];
    if (!line) return;
    line.add(record);
    this.beta = record.beta ?? this.beta;
    if (record.split !== "training") return;
    this.speed = record.images_per_second ?? this.speed;
    this.recent.push([record.step, record.seconds]);
    while (this.recent.length > 2 && record.seconds - this.recent[0][1] > RATE_SECONDS) this.recent.shift();
  }

  addEvent({ event, step, control, message }) {
    const isPause = event === "paused" || (event === "control" && control.pause === true);
    const isOther = event === "refused" || (event === "control" && control.pause !== false);
    if (event === "control") {
      for (const name of ["beta", "learning_rate"]) {
        const value = control[name];
        if (value === null || value === undefined || value === this.asked[name]) continue;
        this.asked[name] = value;
        this.events.push({ step, name, value });
      }
    }
    if (isPause && this.pausedAt === null) {
      this.pausedAt = step;
      this.events.push({ step, name: "paused" });
    } else if (!isPause && !isOther) {
      this.pausedAt = null;
    }
    this.refused = event === "refused" ? message : null;
    if (event === "diverged") this.message = message;
    this.recent = [];
  }

  // Seconds until `steps` are done, at the speed of the last while; null where nobody knows.
  remaining(steps) {
    if (this.recent.length < 2) return null;
    const [[step, seconds], [lastStep, lastSeconds]] = [this.recent[0], this.recent.at(-1)];
    return ((steps - this.step) * (lastSeconds - seconds)) / (lastStep - step);
  }
}

// Which points of a line are drawn, at most `most`: of each block the least and the greatest total, and the last one.
// A block begins at the same record whatever comes later, so that what is drawn stays where it is.
export function thinned({ step, total }, isLog, most = MOST_DRAWN) {
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

function blockByCount(count, most) {
  const size = 2 ** Math.ceil(Math.log2((2 * count) / (most - 3)));
  return (at) => Math.floor(at / size);
}

function blockByRatio(step, most) {
  const folds = Math.log(step.at(-1) / Math.max(1, step[0]));
  const blocks = Math.min(BLOCKS_A_FOLD, (most / 2 - 3) / folds);
  return (at) => Math.floor(blocks * Math.log(Math.max(1, step[at])));
}
