// Many decoded images, as bytes.

// `decode(at)` gives the image of tile `at`, numbers in [0, 1], or null where there is none yet: bytes of 0 then.
// Every `slice` ms frames and messages get their turn. -> tiles (count, C, H, W), or null if the signal is aborted
export async function decodeTiles(count, shape, decode, signal, slice) {
  const size = shape.reduce((product, side) => product * side);
  const tiles = new Uint8ClampedArray(count * size);
  let began = performance.now();
  for (let tile = 0; tile < count; tile++) {
    if (performance.now() - began > slice) {
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    if (signal.aborted) return null;
    decode(tile)?.forEach((value, at) => (tiles[tile * size + at] = 255 * value));
  }
  return { shape, tiles };
}
