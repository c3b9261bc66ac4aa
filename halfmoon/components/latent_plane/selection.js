// A selection: an outline on one of the planes, and what lies within it.

/** @import { Area } from "../shared/area.js" */
/**
 * @typedef {[x: number, y: number]} Corner
 * @typedef {{ x: number[], y: number[] }} Marked of a box its two ends, of a lasso its corners
 * @typedef {{ range?: Marked, lassoPoints?: Marked }} Selected Plotly's event
 */

const PRECISION = 1.5; // pixels that an outline may differ from the hand's
const CORNERS = 40; // at most, for the link holds them

/**
 * The corners that the hand has drawn around something; none where it has drawn nothing.
 * @param {Selected} [event]
 * @returns {Corner[]}
 */
export function cornersOf({ range, lassoPoints } = {}) {
  if (range) return box(range);
  return lassoPoints?.x.map((x, at) => [x, lassoPoints.y[at]]) ?? [];
}

/**
 * As few corners as make nearly the same outline; none where they enclose nothing.
 * @param {Corner[]} corners
 * @param {Area} area
 */
export function simplified(corners, area) {
  for (let precision = PRECISION; ; precision *= 1.5) {
    const fewer = needed(corners, area, precision);
    if (fewer.length <= CORNERS) return fewer.length < 3 ? [] : fewer;
  }
}

/**
 * @param {Marked} ends
 * @returns {Corner[]}
 */
function box({ x: [left, right], y: [bottom, top] }) {
  return [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ];
}

/**
 * Whether a place is within an outline: a line to the right crosses it an odd number of times.
 * @param {Corner[]} outline
 * @param {number} x
 * @param {number} y
 */
export function isWithin(outline, x, y) {
  let isInside = false;
  let [beforeX, beforeY] = outline.at(-1) ?? [0, 0];
  for (const [cornerX, cornerY] of outline) {
    const crosses = cornerY > y !== beforeY > y;
    if (crosses && x < cornerX + ((y - cornerY) / (beforeY - cornerY)) * (beforeX - cornerX)) isInside = !isInside;
    [beforeX, beforeY] = [cornerX, cornerY];
  }
  return isInside;
}

/**
 * The corners of a closed line from which the others are no farther than so many pixels.
 * @param {Corner[]} corners
 * @param {Area} area
 * @param {number} precision
 * @returns {Corner[]}
 */
function needed(corners, area, precision) {
  const pixels = corners.map((corner) => area.toPixel(corner));
  const kept = new Set([0]);
  /** @type {(from: number, to: number) => void} */
  const keep = (from, to) => {
    let [farthest, at] = [precision, -1];
    for (let between = from + 1; between < to; between++) {
      const distance = distanceFrom(pixels[between], pixels[from], pixels[to % pixels.length]);
      if (distance > farthest) [farthest, at] = [distance, between];
    }
    if (at < 0) return;
    kept.add(at);
    keep(from, at);
    keep(at, to);
  };
  keep(0, corners.length);
  return corners.filter((_, at) => kept.has(at));
}

/**
 * Of a pixel from a stretch of line.
 * @param {Corner} pixel
 * @param {Corner} from
 * @param {Corner} to
 */
function distanceFrom([x, y], from, to) {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  const along = ((x - from[0]) * across + (y - from[1]) * down) / (across * across + down * down || 1);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(x - from[0] - share * across, y - from[1] - share * down);
}
