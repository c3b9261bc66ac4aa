// Canvases painted pixel by pixel.

// `fill` gets the pixels' bytes: red, green, blue, alpha; row by row from the top.
export function raster(width, height, fill) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  fill(image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}

// Gives what is opaque one colour, any that CSS knows.
export function tint(canvas, colour) {
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

// A value in each cell of a grid, row by row from below as y grows; `colour(value, cell)` is [red, green, blue, alpha]
// in 0 to 255.
export function field({ columns, rows, values }, colour) {
  return raster(columns, rows, (pixels) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        pixels.set(colour(values[cell], cell), 4 * ((rows - 1 - row) * columns + column));
      }
    }
  });
}

// One colour over another, both [red, green, blue, alpha] in 0 to 255.
export function over(upper, lower) {
  const share = upper[3] / 255;
  const [above, below] = [upper[3], lower[3] * (1 - share)];
  const mixed = [0, 1, 2].map((at) => (upper[at] * above + lower[at] * below) / (above + below || 1));
  return [...mixed, above + below];
}

// How bright red, green and blue, 0 to 255, are together, in [0, 1].
export function brightness([red, green, blue]) {
  return (0.3 * red + 0.59 * green + 0.11 * blue) / 255;
}

// Red, green and blue, 0 to 255, of any colour that CSS knows.
export function channels(colour) {
  const canvas = tint(raster(1, 1, (pixels) => pixels.fill(255)), colour);
  return canvas.getContext("2d").getImageData(0, 0, 1, 1).data.slice(0, 3);
}
