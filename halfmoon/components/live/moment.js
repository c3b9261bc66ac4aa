// One preview of a training: codes and images, and the state of each dimension of the code.

import { readTensors } from "../shared/tensors.js";

/** @import { Tensor } from "../shared/tensors.js" */
/** @typedef {ReturnType<typeof readMoment>} Moment */

/** @param {ArrayBuffer} buffer */
export function readMoment(buffer) {
  const { tensors, about } = readTensors(buffer);
  const [count, dims] = tensors.codes.shape;
  const { codes, labels, sigma, kl } = tensors;
  const shape = (about.image_shape ?? tensors.originals.shape.slice(1).join()).split(",").map(Number);
  return {
    step: Number(tensors.step?.values[0] ?? about.step),
    count,
    dims,
    codes: codes.values,
    labels: labels.values,
    shape,
    sigma: Array.from(sigma.values),
    kl: Array.from(kl.values),
    variances: variances(codes.values, count, dims),
    originals: images(tensors.originals, shape),
    reconstructions: images(tensors.reconstructions, shape),
    samples: images(tensors.samples, shape),
  };
}

/**
 * The codes along one dimension.
 * @param {{ codes: ArrayLike<number>, count: number, dims: number }} moment
 * @param {number} dim
 */
export function coordinate({ codes, count, dims }, dim) {
  const along = new Float32Array(count);
  for (let at = 0; at < count; at++) along[at] = codes[at * dims + dim];
  return along;
}

/**
 * @param {ArrayLike<number>} codes
 * @param {number} count
 * @param {number} dims
 */
function variances(codes, count, dims) {
  const sums = new Float64Array(dims);
  const squares = new Float64Array(dims);
  for (let at = 0; at < count * dims; at++) {
    sums[at % dims] += codes[at];
    squares[at % dims] += codes[at] ** 2;
  }
  return Array.from(squares, (square, dim) => Math.max(0, square / count - (sums[dim] / count) ** 2));
}

/**
 * Pixels in [0, 1], as `paint` takes them.
 * @param {Tensor} tensor
 * @param {number[]} shape
 */
function images({ values, shape: [count] }, shape) {
  const size = shape.reduce((product, side) => product * side, 1);
  const pixels = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) pixels[at] = values[at] / 255; // far quicker than a mapping
  return Array.from({ length: count }, (_, at) => pixels.subarray(at * size, (at + 1) * size));
}
