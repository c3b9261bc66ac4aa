// A picture from a file as ink: how far each pixel is from the picture's background, which is what lies along its edge.

const MOST_BYTES = 20 * 2 ** 20;
const MOST_PIXELS = 512; // along the longer side: more are of no use for an image this small
const GRAIN = 8; // usual deviations of the background: what is nearer to it than that is no ink,
const FAINT = 0.05; // nor is what is as faint as this beside the darkest

export class PictureError extends Error {} // its message says why: "too_large", "broken" or "empty"

// { ink, width, height }, bytes. With `stretched` the darkest ink is 255, and the grain of the paper is none.
export async function inkOf(file, stretched) {
  if (file.size > MOST_BYTES) throw new PictureError("too_large");
  const picture = await bitmapOf(file);
  const { width, height } = picture;
  // Of a picture without a ground of its own the ink may be dark or light.
  for (const ground of ["white", "black"]) {
    const ink = inkOn(ground, picture, stretched);
    if (ink.some((value) => value > 0)) return { ink, width, height };
  }
  throw new PictureError("empty");
}

async function bitmapOf(file) {
  try {
    const whole = await createImageBitmap(file);
    const scale = MOST_PIXELS / Math.max(whole.width, whole.height);
    if (scale >= 1) return whole;
    const [resizeWidth, resizeHeight] = [whole.width, whole.height].map((size) => Math.max(1, Math.round(scale * size)));
    return await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
  } catch {
    throw new PictureError("broken");
  }
}

function inkOn(ground, picture, stretched) {
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  // Rec. 601, as Pillow's grey.
  const grey = Float32Array.from({ length: width * height }, (_, at) => {
    const [red, green, blue] = data.subarray(4 * at, 4 * at + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
  const edge = grey.filter((_, at) => {
    const [column, row] = [at % width, Math.floor(at / width)];
    return column === 0 || row === 0 || column === width - 1 || row === height - 1;
  });
  const paper = median(edge);
  const ink = grey.map((value) => Math.abs(value - paper));
  if (!stretched) return Uint8Array.from(ink, Math.round);
  const grain = median(edge.map((value) => Math.abs(value - paper)));
  const most = ink.reduce((a, b) => Math.max(a, b), 0);
  const least = Math.max(GRAIN * grain, FAINT * most);
  return Uint8Array.from(ink, (value) => (value > least ? Math.round((255 * value) / most) : 0));
}

function median(values) {
  return values.toSorted()[values.length >> 1];
}
