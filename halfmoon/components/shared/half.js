// Half-precision numbers as a Float32Array, from their bits, for browsers without Float16Array.

/** @param {Uint16Array<ArrayBuffer>} bits */
export function unpackHalf(bits) {
  const { Float16Array } = /** @type {{ Float16Array?: new (...args: any) => ArrayLike<number> }} */ (globalThis);
  if (Float16Array) return Float32Array.from(new Float16Array(bits.buffer, bits.byteOffset, bits.length));
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
