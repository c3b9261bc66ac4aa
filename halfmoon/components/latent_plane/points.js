// The codes of a run's test images: means (count x latentDim, float32), for a VAE log-variances (the same, float16),
// then a byte of label each; where they are a selection of more, their positions (uint32) follow.

import { unpackHalf } from "../shared/half.js";

/** @import { PointsSpec, Slice } from "./data.d.ts" */

export class Points {
  /**
   * @param {ArrayBuffer} buffer
   * @param {PointsSpec} spec
   */
  constructor(buffer, { count, total, latent_dim: latentDim, has_posterior: hasPosterior }) {
    this.count = count;
    this.latentDim = latentDim;
    let at = 0;
    const take = (/** @type {number} */ bytes) => buffer.slice(at, (at += bytes)); // a copy, for a view would need to be aligned
    this.codes = new Float32Array(take(4 * count * latentDim));
    this.logVars = hasPosterior ? unpackHalf(new Uint16Array(take(2 * count * latentDim))) : null;
    this.labels = new Uint8Array(take(count));
    this.positions = count < total ? new Uint32Array(take(4 * count)) : null;
  }

  /** @param {number} index */
  code(index) {
    return Array.from(this.codes.subarray(index * this.latentDim, (index + 1) * this.latentDim));
  }

  /**
   * The variances of a code's posterior; null where codes are points.
   * @param {number} index
   */
  variances(index) {
    if (!this.logVars) return null;
    return Array.from(this.logVars.subarray(index * this.latentDim, (index + 1) * this.latentDim), Math.exp);
  }

  /**
   * The number of a point among all codes of the run.
   * @param {number} index
   */
  position(index) {
    return this.positions ? this.positions[index] : index;
  }

  /**
   * The index of the point with this number; −1 for one that is not drawn.
   * @param {number} position
   */
  index(position) {
    return this.positions ? this.positions.indexOf(position) : position;
  }

  /**
   * Projections on a direction of the slice.
   * @param {Slice} slice
   * @param {number[]} direction
   */
  project({ centre }, direction) {
    const offset = direction.reduce((sum, value, dim) => sum + value * centre[dim], 0);
    const projected = new Float32Array(this.count).fill(-offset);
    direction.forEach((value, dim) => {
      if (value === 0) return;
      for (let index = 0, at = dim; index < this.count; index++, at += this.latentDim) {
        projected[index] += value * this.codes[at];
      }
    });
    return projected;
  }

  /**
   * The indices of each class.
   * @param {number} classCount
   */
  byClass(classCount) {
    /** @type {number[][]} */
    const indices = Array.from({ length: classCount }, () => []);
    this.labels.forEach((label, index) => indices[label]?.push(index));
    return indices;
  }
}

/** @type {Map<string, Promise<Points>>} */
const fetched = new Map();

/**
 * @param {string} base
 * @param {PointsSpec} source
 */
export function fetchPoints(base, source) {
  const url = `${base}/${source.path}`;
  const known = fetched.get(url);
  if (known) return known;
  if (fetched.size > 16) fetched.clear();
  const points = download(url, source);
  fetched.set(url, points);
  points.catch(() => fetched.delete(url));
  return points;
}

/**
 * @param {string} url
 * @param {PointsSpec} source
 */
async function download(url, source) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return new Points(await response.arrayBuffer(), source);
}
