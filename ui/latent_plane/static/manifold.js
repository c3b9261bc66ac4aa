// Layer: the decoded manifold, an image in each tile of the part of the plane in view; on a line a film strip.
//
// Images are drawn as ink, in the colour of the text: dark on paper, bright at night.

import { raster, tint } from "./raster.js";
import { decodeTiles } from "./tiles.js";

const TILE = 30; // pixels of the screen
const MOST = 30; // tiles along an axis
const UNDER_POINTS = 0.5; // alpha of the darkest ink: the points on top stay legible
const ALONE = 0.85;
const SEAM = 1; // pixels of the image
const SLICE = 8; // ms of decoding on the main thread between two frames

export const manifold = {
  followsView: true,

  async draw(plane, { x, y, signal }) {
    const grid = plane.dims === 1 ? strip(plane, x, y) : sheet(plane, x, y);
    const decoded = plane.decoderUrl
      ? await decodeInWorker(plane.decoderUrl, grid.places.map((place) => plane.toCode(place)), signal)
      : await decodeHere(plane, grid.places, signal);
    if (!decoded) return null;
    return { images: [{ canvas: mosaic(grid, decoded, plane.theme.text), x: grid.x, y: grid.y }], shapes: [] };
  },
};

// Where the film lies on the y axis of a line, beneath the lanes of its classes: [low, high].
export function film(classCount) {
  return [(-1.15 * classCount) / 8, (-0.15 * classCount) / 8];
}

function sheet({ width, height }, x, y) {
  const side = Math.max(TILE, width / (MOST - 2), height / (MOST - 2));
  const [across, up] = [tiling(x, width, side), tiling(y, height, side)];
  const places = up.centres.flatMap((v) => across.centres.map((u) => [u, v])); // row by row from below
  const [columns, rows] = [across.centres.length, up.centres.length];
  return { columns, rows, places, x: across.range, y: up.range, ink: UNDER_POINTS };
}

function strip({ width, height, classCount }, x, y) {
  const [low, high] = film(classCount);
  const side = Math.max((height * (high - low)) / (y[1] - y[0]), width / (MOST - 2));
  const { centres, range } = tiling(x, width, side);
  return { columns: centres.length, rows: 1, places: centres.map((u) => [u]), x: range, y: [low, high], ink: ALONE };
}

// Tiles that cover a part of an axis. One edge is at 0 always: moving the plane moves no image on it.
function tiling([low, high], pixels, side) {
  const step = ((high - low) * side) / pixels;
  const [first, end] = [Math.floor(low / step), Math.ceil(high / step)];
  const centres = Array.from({ length: end - first }, (_, at) => (first + at + 0.5) * step);
  return { centres, range: [first * step, end * step] };
}

function decodeHere(plane, places, signal) {
  const decode = (at) => plane.source.decode(plane.toCode(places[at]), places[at]);
  return decodeTiles(places.length, plane.source.shape, decode, signal, SLICE);
}

let worker;

function decodeInWorker(url, codes, signal) {
  if (signal.aborted) return null;
  worker ??= new Worker(new URL("./manifold-worker.js", import.meta.url), { type: "module" });
  const { port1: port, port2: answer } = new MessageChannel();
  const settled = new AbortController();
  return new Promise((resolve, reject) => {
    const listen = (target, type, listener) => target.addEventListener(type, listener, { signal: settled.signal });
    port.onmessage = ({ data }) => (data.error ? reject(data.error) : resolve(data));
    listen(worker, "error", () => reject(new Error("The tiles' worker could not be started")));
    listen(signal, "abort", () => {
      port.postMessage("abandon");
      resolve(null);
    });
    worker.postMessage({ url: new URL(url, location.href).href, codes }, [answer]);
  }).finally(() => {
    settled.abort();
    port.close();
  });
}

// A canvas of all tiles, each with a seam around it. Images in grey are ink, where they are bright; others keep their
// colours.
function mosaic({ columns, rows, ink }, { shape: [channels, height, width], tiles }, colour) {
  const [wide, high] = [width + 2 * SEAM, height + 2 * SEAM];
  const size = channels * height * width;
  const canvas = raster(columns * wide, rows * high, (pixels) => {
    for (let tile = 0; tile < columns * rows; tile++) {
      const left = (tile % columns) * wide + SEAM;
      const top = (rows - 1 - Math.floor(tile / columns)) * high + SEAM;
      for (let at = 0; at < height * width; at++) {
        const pixel = 4 * ((top + Math.floor(at / width)) * columns * wide + left + (at % width));
        const value = (channel) => tiles[tile * size + channel * height * width + at];
        if (channels === 3) pixels.set([value(0), value(1), value(2), 255 * ink], pixel);
        else pixels[pixel + 3] = ink * value(0);
      }
    }
  });
  return channels === 3 ? canvas : tint(canvas, colour);
}
