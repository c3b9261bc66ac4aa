// Ranges of axes that follow what is drawn, calmly: they move where something would be outside, or much is empty.

/** @import { Range } from "../shared/area.js" */

const MARGIN = 0.06; // on either side of what is drawn
const EMPTIEST = 0.62; // share of a range that has to be in use

/**
 * The range for values from `low` to `high`, given the one before; where there is merely room to spare it goes only a
 * share of the way, its `pace`.
 * @param {Range | undefined} range
 * @param {Range} ends
 * @returns {Range}
 */
export function follow(range, [low, high], pace = 1) {
  const margin = (high - low) * MARGIN || Math.abs(high) * 0.1 || 1;
  /** @type {Range} */
  const wanted = [low - margin, high + margin];
  if (!range) return wanted;
  const isInside = low >= range[0] && high <= range[1];
  if (isInside && high - low > EMPTIEST * (range[1] - range[0])) return range;
  const share = isInside ? pace : 1;
  return [range[0] + share * (wanted[0] - range[0]), range[1] + share * (wanted[1] - range[1])];
}

/**
 * How far along the axis a run of `steps` is drawn at `step`: all of it, or a half, a quarter ... while it is young.
 * @param {number} step
 * @param {number} steps
 */
export function horizon(step, steps) {
  let end = Math.max(steps, step);
  while (step < 0.42 * end && end > 8) end /= 2;
  return end;
}
