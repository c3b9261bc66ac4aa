// The codes of a run's test images: means (count x latentDim, float32), for a VAE log-variances (the same, float16),
// then a byte of label each; where they are a selection of more, their positions (uint32) follow.

import { unpackHalf } from "../shared/half.js";

export class Points {
  constructor(buffer, { count, total, latent_dim: latentDim, has_posterior: hasPosterior }) {
    this.count = count;
    this.latentDim = latentDim;
    let at = 0;
    const take = (bytes) => buffer.slice(at, (at += bytes)); // a copy, for a view would need to be aligned
    this.codes = new Float32Array(take(4 * count * latentDim));
    this.logVars = hasPosterior ? unpackHalf(new Uint16Array(take(2 * count * latentDim))) : null;
    this.labels = new Uint8Array(take(count));
    this.positions = count < total ? new Uint32Array(take(4 * count)) : null;
  }

  code(index) {
    return Array.from(this.codes.subarray(index * this.latentDim, (index + 1) * this.latentDim));
  }

  // The variances of a code's posterior; null where codes are points.
  variances(index) {
    if (!this.logVars) return null;
    return Array.from(this.logVars.subarray(index * this.latentDim, (index + 1) * this.latentDim), Math.exp);
  }

  // The number of a point among all codes of the run, and back; −1 for one that is not drawn.
  position(index) {
    return this.positions ? this.positions[index] : index;
  }

  index(position) {
    return this.positions ? this.positions.indexOf(position) : position;
  }

  // Projections on a direction of the slice.
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

  // The indices of each class.
  byClass(classCount) {
    const indices = Array.from({ length: classCount }, () => []);
    this.labels.forEach((label, index) => indices[label]?.push(index));
    return indices;
  }
}

const fetched = new Map();

export function fetchPoints(base, source) {
  const url = `${base}/${source.path}`;
  if (!fetched.has(url)) {
    if (fetched.size > 16) fetched.clear();
    const points = download(url, source);
    fetched.set(url, points);
    points.catch(() => fetched.delete(url));
  }
  return fetched.get(url);
}

async function download(url, source) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return new Points(await response.arrayBuffer(), source);
}
