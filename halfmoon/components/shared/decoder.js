// A decoder made of fully connected layers, run in the browser from the run's own weights: torch's arithmetic, in doubles
// but for what lies between the layers.

import { readTensors } from "./tensors.js";

/**
 * @typedef {(value: number) => number} Activation
 * @typedef {{ weight: Float32Array, bias: Float32Array }} Weights the weight has a row for each output
 * @typedef {Weights & { apply: Activation }} Layer
 */

/**
 * The twins of ACTIVATIONS in vae_core/models/networks.py.
 * @type {Record<string, Activation>}
 */
const ACTIVATIONS = {
  silu: (x) => x / (1 + Math.exp(-x)),
  relu: (x) => Math.max(0, x),
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  softplus: (x) => (x > 20 ? x : Math.log1p(Math.exp(x))),
  tanh: Math.tanh,
};

/** @type {Record<string, Activation>} */
const OUTPUTS = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  identity: (x) => x,
};

export class MlpDecoder {
  /** @param {{ layers: Weights[], activation: string, output: string, shape: number[] }} decoder */
  constructor({ layers, activation, output, shape }) {
    this.shape = shape;
    const between = ACTIVATIONS[activation];
    this.layers = layers.map((layer, at) => ({ ...layer, apply: at < layers.length - 1 ? between : OUTPUTS[output] }));
    const first = layers[0].weight.length / layers[0].bias.length;
    this.values = [first, ...layers.map(({ bias }) => bias.length)].map((width) => new Float32Array(width));
  }

  /**
   * The image at a code: this decoder's own buffer, which the next call overwrites.
   * @param {number[]} code
   */
  decode(code) {
    this.values[0].set(code);
    for (let at = 0; at < this.layers.length; at++) dense(this.layers[at], this.values[at], this.values[at + 1]);
    return this.values[this.layers.length];
  }

  lookAt() {} // it needs nothing beforehand, wherever one looks
}

/**
 * One plain sum a row: faster in Chromium than four sums at once, and than going by columns.
 * @param {Layer} layer
 * @param {Float32Array} before
 * @param {Float32Array} after
 */
function dense({ weight, bias, apply }, before, after) {
  for (let row = 0, at = 0; row < after.length; row++) {
    let sum = bias[row];
    for (let column = 0; column < before.length; column++) sum += weight[at++] * before[column];
    after[row] = apply(sum);
  }
}

/**
 * The Taylor series of exp(x²)·erf(x), whose terms all have one sign; beyond 4 it is 1 to more digits than float32 has.
 * @param {number} x
 */
function erf(x) {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-10 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** @param {string} url */
export async function fetchDecoder(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return readDecoder(await response.arrayBuffer());
}

/**
 * What `pack_decoder` in Python has written: `0.weight`, `0.bias`, `1.weight`, ... and what lies between.
 * @param {ArrayBuffer} buffer
 */
function readDecoder(buffer) {
  const { tensors, about } = readTensors(buffer);
  const numbers = (/** @type {string} */ name) => /** @type {Float32Array} */ (tensors[name].values);
  const layers = [];
  for (let at = 0; `${at}.weight` in tensors; at++) {
    layers.push({ weight: numbers(`${at}.weight`), bias: numbers(`${at}.bias`) });
  }
  const { activation, output, image_shape: shape } = about;
  return new MlpDecoder({ layers, activation, output, shape: shape.split(",").map(Number) });
}
