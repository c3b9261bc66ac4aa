// A decoder made of fully connected layers, run in the browser from the run's own weights: torch's arithmetic, in doubles
// but for what lies between the layers.

import { unpackHalf } from "../shared/half.js";

const ACTIVATIONS = {
  silu: (x) => x / (1 + Math.exp(-x)),
  relu: (x) => Math.max(0, x),
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  softplus: (x) => (x > 20 ? x : Math.log1p(Math.exp(x))),
  tanh: Math.tanh,
};

const OUTPUTS = {
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  identity: (x) => x,
};

export class MlpDecoder {
  exact = true;

  // `layers` are { weight, bias }, Float32Arrays, the weight a row for each output.
  constructor({ layers, activation, output, shape }) {
    this.shape = shape;
    const between = ACTIVATIONS[activation];
    this.layers = layers.map((layer, at) => ({ ...layer, apply: at < layers.length - 1 ? between : OUTPUTS[output] }));
    const first = layers[0].weight.length / layers[0].bias.length;
    this.values = [first, ...layers.map(({ bias }) => bias.length)].map((width) => new Float32Array(width));
  }

  // The image at a code: this decoder's own buffer, which the next call overwrites.
  decode(code) {
    this.values[0].set(code);
    for (let at = 0; at < this.layers.length; at++) dense(this.layers[at], this.values[at], this.values[at + 1]);
    return this.values[this.layers.length];
  }

  lookAt() {} // it needs nothing beforehand, wherever one looks
}

// One plain sum a row: faster in Chromium than four sums at once, and than going by columns.
function dense({ weight, bias, apply }, before, after) {
  for (let row = 0, at = 0; row < after.length; row++) {
    let sum = bias[row];
    for (let column = 0; column < before.length; column++) sum += weight[at++] * before[column];
    after[row] = apply(sum);
  }
}

// The Taylor series of exp(x²)·erf(x), whose terms all have one sign; beyond 4 it is 1 to more digits than float32 has.
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

export async function fetchDecoder(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return readDecoder(await response.arrayBuffer());
}

// A safetensors file: the length of the header, the header in JSON, the numbers.
export function readDecoder(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { activation, output, image_shape } = header.__metadata__;
  const tensor = ({ dtype, data_offsets: [start, end] }) => {
    const bytes = buffer.slice(8 + length + start, 8 + length + end);
    return dtype === "F16" ? unpackHalf(new Uint16Array(bytes)) : new Float32Array(bytes);
  };
  const layers = [];
  for (let at = 0; `${at}.weight` in header; at++) {
    layers.push({ weight: tensor(header[`${at}.weight`]), bias: tensor(header[`${at}.bias`]) });
  }
  return new MlpDecoder({ layers, activation, output, shape: image_shape.split(",").map(Number) });
}
