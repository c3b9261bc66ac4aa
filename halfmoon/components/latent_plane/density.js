// Layer: the density of the codes, as contours: within each lies a share of all codes, where they are densest.
//
// A Gaussian kernel over a two-dimensional histogram, an axis at a time. Its bandwidth is by Scott's rule (D. W. Scott,
// "Multivariate Density Estimation", 1992): deviation of the axis times count^(-1/6). The deviation is the lesser of the
// standard deviation and what the quartiles say, as in B. W. Silverman, "Density Estimation", 1986: a few codes far out
// would blur all others.

import { contours } from "./contours.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Layer } from "./layers.js" */
/** @import { Line } from "./outlines.js" */
/** @typedef {ReturnType<typeof estimate>} Estimate */

const CELLS = 160; // along each axis
const REACH = 3; // bandwidths, of the kernel and of the margin around the points
const QUARTILES = 1.349; // standard deviations between those of a Gaussian
const NARROWEST = 1; // cell, of a bandwidth
const BELOW_PEAK = 0.98; // of the highest density, at most: there a contour still has an inside

// Shares of all codes, and where the name of the contour hangs: each in a corner of its own.
/** @type {[share: number, toward: Line["toward"]][]} */
const SHARES = [
  [0.95, [-1, -1]],
  [0.75, [1, -1]],
  [0.5, [1, 1]],
  [0.25, [-1, 1]],
];

/** @type {WeakMap<Float32Array, Line[]>} */
const known = new WeakMap(); // contours by the codes, whatever part of the plane is in view

/** @type {Layer} */
export const density = {
  async draw({ xs, ys }) {
    if (!ys || !xs.length) return { images: [], lines: [] }; // the lanes of a line are densities already
    const lines = known.get(xs) ?? contoursOf(xs, ys);
    known.set(xs, lines);
    return { images: [], lines };
  },
};

/**
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 */
function contoursOf(xs, ys) {
  const grid = estimate(xs, ys);
  return SHARES.map(([share, toward]) => contour(grid, share, toward));
}

/**
 * @param {Estimate} grid
 * @param {number} share
 * @param {Line["toward"]} toward
 * @returns {Line}
 */
function contour(grid, share, toward) {
  const { columns, rows, x, y } = grid;
  const paths = contours(grid, levelOf(grid, share)).map((path) =>
    path.map(([across, up]) => [x[0] + (across * (x[1] - x[0])) / columns, y[0] + (up * (y[1] - y[0])) / rows]),
  );
  paths.sort((one, other) => other.length - one.length);
  return { className: `contour contour-${100 * share}`, paths, label: `${100 * share} %`, toward };
}

/**
 * The density above which so large a share of all codes lies (R. J. Hyndman, "Computing and Graphing Highest Density
 * Regions", 1996).
 * @param {Estimate} grid
 * @param {number} share
 */
function levelOf({ values, own }, share) {
  const falling = own.slice().sort().reverse();
  const peak = values.reduce((most, density) => Math.max(most, density), 0);
  return Math.min(falling[Math.floor(share * (falling.length - 1))], BELOW_PEAK * peak);
}

/**
 * The density of the places in each cell of a grid, its sum times the area of a cell 1, and that at each place.
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 */
export function estimate(xs, ys) {
  const [across, up] = [bins(xs), bins(ys)];
  const counts = new Float32Array(CELLS * CELLS);
  const cells = Uint32Array.from(xs, (x, at) => across.of(x) + CELLS * up.of(ys[at]));
  for (const cell of cells) counts[cell] += 1;
  const scale = 1 / (xs.length * across.step * up.step);
  const values = smoothed(smoothed(counts, across.bandwidth), up.bandwidth).map((count) => count * scale);
  const own = Float32Array.from(cells, (cell) => values[cell]);
  return { columns: CELLS, rows: CELLS, values, own, x: across.range, y: up.range };
}

/**
 * The cells of an axis, and the bandwidth in cells.
 * @param {Float32Array} values
 */
function bins(values) {
  const { low, high, deviation } = spread(values);
  const fine = ((high - low) / CELLS) * NARROWEST;
  const bandwidth = low < high ? Math.max(fine, deviation * values.length ** (-1 / 6)) : 1;
  /** @type {Range} */
  const range = [low - REACH * bandwidth, high + REACH * bandwidth];
  const step = (range[1] - range[0]) / CELLS;
  const of = (/** @type {number} */ value) => Math.floor((value - range[0]) / step);
  return { range, step, of, bandwidth: bandwidth / step };
}

/** @param {Float32Array} values */
function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const rising = values.slice().sort();
  const quantile = (/** @type {number} */ share) => rising[Math.round(share * (rising.length - 1))];
  const usual = (quantile(0.75) - quantile(0.25)) / QUARTILES;
  const deviation = Math.min(Math.sqrt(variance), usual || Infinity);
  return { low: rising[0], high: rising[rising.length - 1], deviation };
}

/**
 * Each row of the grid smoothed, and the grid transposed: twice is both axes.
 * @param {Float32Array} grid
 * @param {number} bandwidth
 */
function smoothed(grid, bandwidth) {
  const reach = Math.ceil(REACH * bandwidth);
  const weight = (/** @type {number} */ distance) => Math.exp(-0.5 * (distance / bandwidth) ** 2);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, at) => weight(at - reach));
  const total = kernel.reduce((sum, value) => sum + value);
  const result = new Float32Array(grid.length);
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      let sum = 0;
      const end = Math.min(CELLS - 1, column + reach);
      for (let other = Math.max(0, column - reach); other <= end; other++) {
        sum += grid[row * CELLS + other] * kernel[other - column + reach];
      }
      result[column * CELLS + row] = sum / total;
    }
  }
  return result;
}
