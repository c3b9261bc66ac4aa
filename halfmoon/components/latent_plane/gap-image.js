// A gap map as a picture: colours from the ground, which is good, to what stands out from it most. Beyond the places
// that the prior expects there is no colour at all but a hatching, which is on no scale.

import { Area } from "../shared/area.js";
import { context2d, element } from "../shared/dom.js";
import { channels, field } from "../shared/raster.js";
import { circle } from "./rings.js";

/** @import { Theme } from "../shared/theme.js" */
/** @import { Range } from "../shared/area.js" */
/** @import { Gap } from "./data.d.ts" */
/** @import { Found } from "./gap-map.js" */
/** @import { Plane } from "./plane.js" */
/** @typedef {[red: number, green: number, blue: number]} Channels */

export const FAR = 3; // from the prior's centre, in standard coordinates, as in vae_core/measures/gap_map.py
const STEPS = 32; // colours from the ground to an end
const DISTANCE = 9; // pixels of the canvas, between two lines of the hatching
const SHARPEST = 2; // pixels of the canvas to one of the page

/**
 * @param {Found} found
 * @param {Gap} gap
 * @param {Range} range
 * @param {Plane} plane
 * @param {Theme} theme
 * @returns {HTMLCanvasElement}
 */
export function gapImage(found, gap, range, plane, theme) {
  const colour = colours(theme);
  const cells = field(found, (value) => [...colour(amountOf(value, gap, range)), 255]);
  const { width, height, canvas, context } = sheetFor(plane);
  const near = expected(plane, new Area({ left: 0, top: 0, width, height }, found.view));
  context.save();
  context.clip(near);
  context.imageSmoothingQuality = "high";
  context.drawImage(cells, 0, 0, width, height);
  context.restore();
  near.rect(0, 0, width, height);
  context.clip(near, "evenodd");
  hatch(context, width, height, theme);
  return canvas;
}

/**
 * A canvas of the size of the plane, or of the lanes of a line.
 * @param {Plane} plane
 */
function sheetFor(plane) {
  const ratio = Math.min(SHARPEST, window.devicePixelRatio || 1);
  const { width: across, height: down, perY } = /** @type {Area} */ (plane.area());
  const canvas = element("canvas");
  canvas.width = Math.round(across * ratio);
  canvas.height = Math.round((plane.dims === 1 ? perY * plane.classes.length : down) * ratio);
  const { width, height } = canvas;
  return { canvas, context: context2d(canvas), width, height };
}

/**
 * Where the prior expects codes.
 * @param {Plane} plane
 * @param {Area} area
 */
function expected({ dims, space }, area) {
  const path = new Path2D();
  const placeOfStandard = (/** @type {number[]} */ standard) => space.priorPlace(standard);
  if (dims === 1) {
    const [low, high] = [-FAR, FAR].map((end) => area.toPixel(placeOfStandard([end]))[0]);
    path.rect(Math.min(low, high), 0, Math.abs(high - low), area.height);
  } else {
    for (const place of circle(FAR, { placeOfStandard })) path.lineTo(...area.toPixel(place));
    path.closePath();
  }
  return path;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {Theme} theme
 */
function hatch(context, width, height, { text, ground }) {
  context.fillStyle = `color-mix(in oklab, ${ground}, ${text} 8%)`;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = `color-mix(in oklab, ${ground}, ${text} 24%)`;
  context.beginPath();
  for (let start = -height; start < width; start += DISTANCE) {
    context.moveTo(start, height);
    context.lineTo(start + height, 0);
  }
  context.stroke();
}

/**
 * The colour of an amount: of none the ground's, of 1 and −1 the ends of a gap and of a surplus. Steps look equal.
 * @param {Theme} theme
 * @returns {(amount: number) => Channels}
 */
export function colours({ ground, gap, gapEnd, surplus, surplusEnd }) {
  const [worse, more] = [scale(ground, gap, gapEnd), scale(ground, surplus, surplusEnd)];
  return (amount) => (amount < 0 ? more : worse)[Math.round(STEPS * Math.abs(amount))];
}

/**
 * From one colour by another, half way, to a third; mixed in Oklab (B. Ottosson, 2020), in which steps look equal.
 * @param {string} from
 * @param {string} by
 * @param {string} to
 * @returns {Channels[]}
 */
function scale(from, by, to) {
  return Array.from({ length: STEPS + 1 }, (_, at) => {
    const way = (2 * at) / STEPS;
    const [start, end, share] = way < 1 ? [from, by, way] : [by, to, way - 1];
    return channels(`color-mix(in oklab, ${start}, ${end} ${100 * share}%)`);
  });
}

/**
 * How much of a gap a value is, up to 1 for the worst; below 0 where it is too much of the good.
 * @param {number} value
 * @param {Gap} gap
 * @param {Range} range
 */
export function amountOf(value, { worst, middle, is_logarithmic: isLogarithmic }, [low, high]) {
  const limit = (/** @type {number} */ share) => Math.min(1, Math.max(middle === null ? 0 : -1, share));
  if (middle !== null) return limit(Math.log(value / middle) / Math.log(worst === "low" ? low / middle : high / middle));
  const scale = isLogarithmic && low > 0 ? Math.log : Number;
  const share = (scale(value) - scale(low)) / (scale(high) - scale(low) || 1);
  return limit(worst === "low" ? 1 - share : share);
}
