// Two dimensions: a cloud of points, equal scale on both axes.

import { axis, frame } from "../shared/theme.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Layout, Trace } from "../shared/plotly-api.d.ts" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { PointClass } from "./data.d.ts" */
/** @import { Points } from "./points.js" */
/** @import { Space } from "./space.js" */
/**
 * @typedef {object} Laid how the points of a plane lie
 * @property {Trace[]} traces
 * @property {Layout} layout
 * @property {Float32Array} xs
 * @property {Float32Array} ys
 * @property {number} size pixels of a dot
 */

/**
 * `landmarks` are places that are to be in view besides the points.
 * @param {Points} points
 * @param {Space} space
 * @param {PointClass[]} _classes
 * @param {Theme} theme
 * @param {number[][]} landmarks
 * @returns {Laid}
 */
export function cloud(points, { slice }, _classes, theme, landmarks) {
  const xs = points.project(slice, slice.directions[0]);
  const ys = points.project(slice, slice.directions[1]);
  const size = points.count > 30000 ? 2.5 : points.count > 5000 ? 3.5 : points.count > 1500 ? 4.5 : 6;
  const layout = {
    ...frame(theme),
    xaxis: { ...axis(theme), range: range([...xs, ...landmarks.map(([x]) => x)]) },
    yaxis: { ...axis(theme), range: range([...ys, ...landmarks.map(([, y]) => y)]), scaleanchor: "x", scaleratio: 1 },
  };
  return { traces: [], layout, xs, ys, size };
}

/**
 * From the lowest to the highest, and a margin.
 * @param {number[] | Float32Array} values
 * @returns {Range}
 */
export function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = (high - low) * 0.04 || 1;
  return [low - margin, high + margin];
}
