// What a plane can be fitted to: the bulk of its codes, all of them, or the prior.

import { range } from "./cloud.js";

/** @import { AreaView, Range } from "../shared/area.js" */
/** @import { Layout } from "../shared/plotly-api.d.ts" */
/** @import { Space } from "./space.js" */
/** @typedef {"bulk" | "all" | "prior"} FrameName */
/** @typedef {Record<FrameName, AreaView>} Frames */

const TAIL = 0.01; // the share of codes at either end of an axis that is no part of the bulk,
const PRICE = 1.25; // unless with all of them the axis is at most this many times as long
const DEVIATIONS = 3;

/**
 * `layout` has all in view. A line is always as high as that.
 * @param {{ xs: Float32Array, ys: Float32Array, layout: Layout }} laid
 * @param {Space} space
 * @param {number[][]} landmarks places that are in view besides the codes
 * @returns {Frames}
 */
export function framesOf({ xs, ys, layout }, space, landmarks) {
  const all = { x: layout.xaxis.range, y: layout.yaxis.range };
  const dims = space.slice.directions.length;
  const [x, y] = [xs, ys].map((values, axis) => bulk(values, [all.x, all.y][axis], landmarks.map((place) => place[axis])));
  const [priorX, priorY] = prior(space);
  if (dims === 1) return { bulk: { x, y: all.y }, all, prior: { x: priorX, y: all.y } };
  return { bulk: { x, y }, all, prior: { x: priorX, y: priorY } };
}

/**
 * @param {Float32Array} values
 * @param {Range} whole
 * @param {number[]} landmarks
 * @returns {Range}
 */
function bulk(values, whole, landmarks) {
  const rising = values.toSorted();
  const at = Math.floor(TAIL * (rising.length - 1));
  const most = range([rising[at], rising[rising.length - 1 - at], ...landmarks]);
  return whole[1] - whole[0] <= PRICE * (most[1] - most[0]) ? whole : most;
}

/**
 * The box around what lies within so many deviations of the prior's centre.
 * @param {Space} space
 * @returns {Range[]}
 */
function prior(space) {
  const axes = space.slice.directions.map((_, axis) => axis);
  const centre = space.priorPlace(axes.map(() => 0));
  const columns = axes.map((one) => space.priorPlace(axes.map((axis) => Number(axis === one))));
  return centre.map((middle, axis) => {
    const reach = DEVIATIONS * Math.hypot(...columns.map((column) => column[axis] - middle));
    return range([middle - reach, middle + reach]);
  });
}
