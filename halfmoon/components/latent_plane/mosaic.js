// A mosaic of decoded images, as the bytes of a picture.

const SEAM = 1; // pixels around each image, so that none runs into its neighbour

/**
 * @typedef {{ columns: number, rows: number, ink: number, isDark: boolean, isFilm: boolean }} Grid of tiles
 * @typedef {{ width: number, height: number, pixels: Uint8ClampedArray<ArrayBuffer>, isInk: boolean }} TilePicture
 */

/**
 * `decode(tile)` gives an image, numbers in [0, 1], or null where there is none yet; tiles count row by row from below.
 * Images in grey become ink: bright ink that is opaque where they are bright, or dark ink (`isDark`) where they are
 * dark. Either way what is bright in an image is bright on the plane. Others keep their colours, as do all on a film,
 * which has nothing beneath it. `ink` is the greatest alpha. Every `slice` ms frames and messages get their turn. Null if the signal is aborted.
 * @param {Grid} grid
 * @param {number[]} shape
 * @param {(tile: number) => ArrayLike<number> | null} decode
 * @param {AbortSignal} signal
 * @param {number} slice
 * @returns {Promise<TilePicture | null>}
 */
export async function mosaic({ columns, rows, ink, isDark, isFilm }, shape, decode, signal, slice) {
  const [wide, high] = [shape[2] + 2 * SEAM, shape[1] + 2 * SEAM];
  const [width, height] = [columns * wide, rows * high];
  const pixels = new Uint8ClampedArray(4 * width * height);
  const isInk = shape[0] === 1 && !isFilm;
  let began = performance.now();
  for (let tile = 0; tile < columns * rows; tile++) {
    if (performance.now() - began > slice) {
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    if (signal.aborted) return null;
    const image = decode(tile);
    if (!image) continue;
    const left = (tile % columns) * wide + SEAM;
    const top = (rows - 1 - Math.floor(tile / columns)) * high + SEAM;
    paint(image, shape, { ink, isDark, isInk }, pixels, top * width + left, width);
  }
  return { width, height, pixels, isInk };
}

/**
 * The seam is as what is darkest in an image in grey, beside others clear.
 * @param {ArrayLike<number>} image
 * @param {number[]} shape
 * @param {{ ink: number, isDark: boolean, isInk: boolean }} grid
 * @param {Uint8ClampedArray} pixels
 * @param {number} corner
 * @param {number} stride
 */
function paint(image, [channels, height, width], { ink, isDark, isInk }, pixels, corner, stride) {
  const area = height * width;
  for (let row = -SEAM; row < height + SEAM; row++) {
    for (let column = -SEAM; column < width + SEAM; column++) {
      const at = row >= 0 && row < height && column >= 0 && column < width ? row * width + column : -1;
      const pixel = 4 * (corner + row * stride + column);
      if (isInk) {
        const value = image[at] ?? 0;
        pixels[pixel + 3] = 255 * ink * (isDark ? 1 - value : value);
      } else if (at >= 0 || channels === 1) {
        for (let colour = 0; colour < 3; colour++) {
          pixels[pixel + colour] = 255 * (image[Math.min(colour, channels - 1) * area + at] ?? 0);
        }
        pixels[pixel + 3] = 255 * ink;
      }
    }
  }
}
