// What stands beside a gap map: its colours with a few values, what it says, and the way to the worst place.

import { button, element, fill } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { amountOf, FAR } from "./gap-image.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Range } from "../shared/area.js" */
/** @import { Gap, PlaneSpec } from "./data.d.ts" */
/**
 * @typedef {object} Known of a map
 * @property {Gap | null} gap
 * @property {Range | null} range null while it is unknown
 * @property {[low: boolean, high: boolean]} isBeyond whether there are values beyond the ends
 * @property {string | undefined} reason why it can't be drawn
 * @property {(run: string) => boolean} isFound
 */

const ROOM = 0.18; // of the bar, between two values
const MANY = 4; // values between the ends

export class GapScale {
  /**
   * @param {Texts} texts
   * @param {PlaneSpec[]} planes
   * @param {(run: string) => void} pin the worst place of a run
   */
  constructor(texts, planes, pin) {
    this.texts = texts;
    this.bar = element("span", "latent-plane-gap-bar");
    this.ticks = element("span", "latent-plane-gap-ticks");
    this.title = element("b");
    this.unit = element("span");
    this.about = element("p");
    this.pinning = new Map(planes.map(({ run, title }) => [run, button("", title, () => pin(run))]));
    this.figures = element("span", "latent-plane-gap-scale", element("span", "", this.bar, this.ticks), this.unit);
    this.buttons = element("span", "latent-plane-gap-worst", texts.worst_gap, ...this.pinning.values());
    this.buttons.setAttribute("role", "group");
    this.buttons.setAttribute("aria-label", texts.worst_gap);
    this.element = element("div", "latent-plane-gap", this.title, this.figures, this.buttons, this.about);
  }

  /** @param {Known} known */
  show({ gap, range, isBeyond, reason, isFound }) {
    this.element.hidden = !gap;
    for (const part of [this.figures, this.buttons]) {
      part.hidden = !range && reason !== undefined;
      part.classList.toggle("waiting", !range); // its room is kept
    }
    if (!gap) return;
    const { title, unit, about, worst, middle } = gap;
    this.title.textContent = title;
    const note = element("span", "latent-plane-gap-far", fill(this.texts.gap_note, { far: FAR }));
    this.about.replaceChildren(...(reason ? [fill(this.texts.gap_failed, { reason })] : [`${about} `, note]));
    this.unit.textContent = unit;
    this.bar.dataset.scale = middle === null ? worst : "both";
    if (range) this.ticks.replaceChildren(...ticksOf(gap, range, isBeyond).map(marked));
    for (const [run, button] of this.pinning) button.disabled = !isFound(run);
  }
}

/**
 * Values beneath the bar, and where on it each has its colour.
 * @param {Gap} gap
 * @param {Range} range
 * @param {[low: boolean, high: boolean]} isBeyond
 */
export function ticksOf(gap, range, isBeyond) {
  const [low, high] = range;
  const texts = [`${isBeyond[0] ? "≤ " : ""}${plain(low, 2)}`, `${isBeyond[1] ? "≥ " : ""}${plain(high, 2)}`];
  const all = [low, ...between(gap, range), high];
  return all.map((value, at) => {
    const text = at === 0 ? texts[0] : at === all.length - 1 ? texts[1] : plain(value, 2);
    return { text, share: shareOf(value, gap, range) };
  });
}

/** @param {{ text: string, share: number }} tick */
function marked({ text, share }) {
  const tick = element("span", "", text);
  tick.style.setProperty("--share", String(share));
  return tick;
}

/**
 * Where on the bar a value is, from 0 at the low end to 1.
 * @param {number} value
 * @param {Gap} gap
 * @param {Range} range
 */
function shareOf(value, gap, range) {
  const amount = amountOf(value, gap, range);
  const share = gap.middle === null ? amount : (1 + amount) / 2;
  return gap.worst === "low" ? 1 - share : share;
}

/**
 * Round values within a range, as many as there is room for.
 * @param {Gap} gap
 * @param {Range} range
 */
function between(gap, range) {
  const taken = [0, 1];
  const found = [];
  for (const value of candidates(gap, range)) {
    const share = shareOf(value, gap, range);
    if (taken.some((other) => Math.abs(other - share) < ROOM)) continue;
    taken.push(share);
    found.push(value);
  }
  return found.sort((one, other) => one - other);
}

/**
 * Round values within a range, the roundest first.
 * @param {Gap} gap
 * @param {Range} range
 */
function candidates({ middle, is_logarithmic: isLogarithmic }, [low, high]) {
  if (isLogarithmic || middle !== null) {
    const decades = Array.from({ length: 31 }, (_, at) => 10 ** (at - 15));
    return [1, 2, 5].flatMap((digit) => decades.map((decade) => digit * decade)).filter((one) => low < one && one < high);
  }
  const rough = (high - low) / MANY;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * (rough / decade >= 5 ? 5 : rough / decade >= 2 ? 2 : 1);
  const first = Math.floor(low / step) + 1;
  return Array.from({ length: Math.max(0, Math.ceil(high / step) - first) }, (_, at) => (first + at) * step);
}
