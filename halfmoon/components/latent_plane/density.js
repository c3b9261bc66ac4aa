// Layer: the density of the codes, as a haze that thickens with their number.
//
// A Gaussian kernel over a two-dimensional histogram, an axis at a time. Its bandwidth is by Scott's rule (D. W. Scott,
// "Multivariate Density Estimation", 1992): standard deviation of the axis times count^(-1/6).

import { field, tint } from "../shared/raster.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Colour } from "../shared/raster.js" */
/** @import { Layer } from "./layers.js" */

const CELLS = 160; // along each axis
const REACH = 3; // bandwidths, of the kernel and of the margin around the points
const STRENGTH = 0.42; // alpha where the density is highest: points on top stay legible there too

/** @type {Layer} */
export const density = {
  async draw({ xs, ys, theme }) {
    if (!ys || !xs.length) return { images: [], shapes: [] }; // the lanes of a line are densities already
    const grid = estimate(xs, ys);
    /** @type {(rank: number) => Colour} */
    const opaque = (rank) => [0, 0, 0, 255 * STRENGTH * Math.sqrt(rank)];
    const haze = field({ ...grid, values: ranks(grid.values) }, opaque);
    return { images: [{ canvas: tint(haze, theme.text), x: grid.x, y: grid.y }], shapes: [] };
  },
};

/**
 * The density of the places in each cell of a grid: its sum times the area of a cell is 1.
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 */
export function estimate(xs, ys) {
  const [across, up] = [bins(xs), bins(ys)];
  const counts = new Float32Array(CELLS * CELLS);
  for (let at = 0; at < xs.length; at++) counts[across.of(xs[at]) + CELLS * up.of(ys[at])] += 1;
  const values = smoothed(smoothed(counts, across.bandwidth), up.bandwidth);
  const scale = 1 / (xs.length * across.step * up.step);
  return { columns: CELLS, rows: CELLS, values: values.map((count) => count * scale), x: across.range, y: up.range };
}

/**
 * For each density the share of all codes that lie where it is no higher. Densities themselves won't do: an autoencoder
 * may crowd half of its codes into a spot a thousand times as dense as the rest, which would be invisible beside it.
 * @param {Float32Array} densities
 */
function ranks(densities) {
  const rising = Array.from(densities.keys()).sort((one, other) => densities[one] - densities[other]);
  const total = densities.reduce((sum, density) => sum + density);
  const result = new Float32Array(densities.length);
  let below = 0;
  for (const cell of rising) result[cell] = (below += densities[cell]) / total;
  return result;
}

/**
 * The cells of an axis, and the bandwidth in cells.
 * @param {Float32Array} values
 */
function bins(values) {
  const { low, high, deviation } = spread(values);
  const bandwidth = low < high ? deviation * values.length ** (-1 / 6) : 1;
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
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return { low, high, deviation: Math.sqrt(variance) };
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
