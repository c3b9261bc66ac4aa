// Layer: the decoded manifold, an image in each tile of the part of the plane in view; on a line a film strip.
//
// Images on a plane are drawn with the ink of the text: on paper dark ink where they are dark, at night bright ink where
// they are bright. A full moon is bright in both. A film shows them as they are.

import { mosaic } from "./mosaic.js";
import { brightness, channels, raster, tint } from "../shared/raster.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Layer, Panel } from "./layers.js" */
/** @import { Grid, TilePicture } from "./mosaic.js" */
/** @typedef {{ columns: number, rows: number, places: number[][], x: Range, y: Range, ink: number }} Tiles */

const TILE = 30; // pixels of the screen
const MAX_TILES = 30; // tiles along an axis
const OVER_OTHERS = 0.8; // alpha of the strongest ink: a gap map beneath is still to be seen
const SLICE = 8; // ms of decoding on the main thread between two frames

/** @type {Layer} */
export const manifold = {
  async draw(plane, { x, y, signal }) {
    const isDark = brightness(channels(plane.theme.text)) < 0.5;
    const isFilm = plane.dims === 1;
    const grid = { ...(isFilm ? strip(plane, x, y) : sheet(plane, x, y)), isDark, isFilm };
    const picture = await (plane.decoderUrl ? paintInWorker : paintHere)(plane, grid, signal);
    if (!picture) return null;
    const canvas = raster(picture.width, picture.height, (pixels) => pixels.set(picture.pixels));
    if (picture.isInk) tint(canvas, plane.theme.text);
    return { images: [{ canvas, x: grid.x, y: grid.y, isAbove: true }], lines: [] };
  },
};

/**
 * Where the film lies on the y axis of a line, beneath the lanes of its classes.
 * @param {number} classCount
 * @returns {Range}
 */
export function film(classCount) {
  return [(-1.15 * classCount) / 8, (-0.15 * classCount) / 8];
}

/**
 * @param {Panel} panel
 * @param {Range} x
 * @param {Range} y
 * @returns {Tiles}
 */
function sheet({ width, height }, x, y) {
  const side = Math.max(TILE, width / (MAX_TILES - 2), height / (MAX_TILES - 2));
  const [across, up] = [tiling(x, width, side), tiling(y, height, side)];
  const places = up.centres.flatMap((v) => across.centres.map((u) => [u, v])); // row by row from below
  const [columns, rows] = [across.centres.length, up.centres.length];
  return { columns, rows, places, x: across.range, y: up.range, ink: OVER_OTHERS };
}

/**
 * @param {Panel} panel
 * @param {Range} x
 * @param {Range} y
 * @returns {Tiles}
 */
function strip({ width, height, classCount }, x, y) {
  const [low, high] = film(classCount);
  const side = Math.max((height * (high - low)) / (y[1] - y[0]), width / (MAX_TILES - 2));
  const { centres, range } = tiling(x, width, side);
  return { columns: centres.length, rows: 1, places: centres.map((u) => [u]), x: range, y: [low, high], ink: 1 };
}

/**
 * Tiles that cover a part of an axis. One edge is at 0 always: moving the plane moves no image on it.
 * @param {Range} range
 * @param {number} pixels
 * @param {number} side
 * @returns {{ centres: number[], range: Range }}
 */
function tiling([low, high], pixels, side) {
  const step = ((high - low) * side) / pixels;
  const [first, end] = [Math.floor(low / step), Math.ceil(high / step)];
  const centres = Array.from({ length: end - first }, (_, at) => (first + at + 0.5) * step);
  return { centres, range: [first * step, end * step] };
}

/**
 * @param {Panel} plane
 * @param {Tiles & Grid} grid
 * @param {AbortSignal} signal
 */
function paintHere(plane, grid, signal) {
  const decode = (/** @type {number} */ tile) => plane.source.decode(plane.toCode(grid.places[tile]), grid.places[tile]);
  return mosaic(grid, plane.source.shape, decode, signal, SLICE);
}

/** @type {Worker | undefined} */
let worker;

/**
 * @param {Panel} plane
 * @param {Tiles & Grid} grid
 * @param {AbortSignal} signal
 * @returns {Promise<TilePicture | null>}
 */
async function paintInWorker(plane, grid, signal) {
  if (signal.aborted) return null;
  const painter = (worker ??= new Worker(new URL("./manifold-worker.js", import.meta.url), { type: "module" }));
  const { port1: port, port2: answer } = new MessageChannel();
  const settled = new AbortController();
  return new Promise((resolve, reject) => {
    const listen = (
      /** @type {EventTarget} */ target,
      /** @type {string} */ type,
      /** @type {() => void} */ listener,
    ) => target.addEventListener(type, listener, { signal: settled.signal });
    port.onmessage = ({ data }) => (data.error ? reject(data.error) : resolve(data.picture));
    listen(painter, "error", () => {
      worker = undefined; // the next draw starts another
      reject(new Error("The worker of the tiles could not be started"));
    });
    listen(signal, "abort", () => {
      port.postMessage("abandon");
      resolve(null);
    });
    const codes = grid.places.map((place) => plane.toCode(place));
    painter.postMessage({ url: plane.decoderUrl, codes, grid }, [answer]);
  }).finally(() => {
    settled.abort();
    port.close();
  });
}
