// Named arrays from the bytes of a safetensors file: the length of the header, the header in JSON, the numbers.

import { unpackHalf } from "./half.js";

/**
 * @typedef {Float32Array | Float64Array | Uint8Array | Int32Array} Values
 * @typedef {{ values: Values, shape: number[] }} Tensor
 * @typedef {{ dtype: string, shape: number[], data_offsets: [start: number, end: number] }} Entry
 */

/** @type {Record<string, (bytes: ArrayBuffer) => Values>} */
const READERS = {
  F16: (bytes) => unpackHalf(new Uint16Array(bytes)),
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => new Float64Array(bytes),
  U8: (bytes) => new Uint8Array(bytes),
  I32: (bytes) => new Int32Array(bytes),
  I64: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number),
};

/**
 * Each array with its `shape`, by name; and what the file says of itself.
 * @param {ArrayBuffer} buffer
 * @returns {{ tensors: Record<string, Tensor>, about: Record<string, string> }}
 */
export function readTensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: about = {}, ...described } = header;
  /** @type {[string, Entry][]} */
  const entries = Object.entries(described);
  const tensors = entries.map(([name, { dtype, shape, data_offsets: [start, end] }]) => {
    const values = READERS[dtype](buffer.slice(8 + length + start, 8 + length + end));
    return [name, { values, shape }];
  });
  return { tensors: Object.fromEntries(tensors), about };
}
