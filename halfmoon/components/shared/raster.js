// Canvases painted pixel by pixel.

import { context2d, element } from "./dom.js";

/** @typedef {[red: number, green: number, blue: number, alpha: number]} Colour in 0 to 255 */

/**
 * `fill` gets the pixels' bytes: red, green, blue, alpha; row by row from the top.
 * @param {number} width
 * @param {number} height
 * @param {(pixels: Uint8ClampedArray) => void} fill
 */
export function raster(width, height, fill) {
  const canvas = element("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = context2d(canvas);
  const image = context.createImageData(width, height);
  fill(image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * Gives what is opaque one colour, any that CSS knows.
 * @param {HTMLCanvasElement} canvas
 * @param {string} colour
 */
export function tint(canvas, colour) {
  const context = context2d(canvas);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A value in each cell of a grid, row by row from below as y grows.
 * @param {{ columns: number, rows: number, values: ArrayLike<number> }} grid
 * @param {(value: number) => Colour} colour
 */
export function field({ columns, rows, values }, colour) {
  return raster(columns, rows, (pixels) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        pixels.set(colour(values[row * columns + column]), 4 * ((rows - 1 - row) * columns + column));
      }
    }
  });
}

/**
 * How bright a colour is, in [0, 1].
 * @param {number[]} colour red, green and blue, 0 to 255
 */
export function brightness([red, green, blue]) {
  return (0.3 * red + 0.59 * green + 0.11 * blue) / 255;
}

/**
 * Red, green and blue, 0 to 255, of any colour that CSS knows.
 * @param {string} colour
 * @returns {[red: number, green: number, blue: number]}
 */
export function channels(colour) {
  const canvas = tint(
    raster(1, 1, (pixels) => pixels.fill(255)),
    colour,
  );
  const [red, green, blue] = context2d(canvas).getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}
