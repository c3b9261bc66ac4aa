// The axes of a printed plane: lines at round numbers, these numbers, and what they are of; of a line its lanes.

import { fill } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { LINE, roundNumbers, TYPE, widthOf } from "../shared/paper.js";
import { line, make, write } from "../shared/svg.js";
import { strip } from "./strip.js";

/** @import { Area, AreaView, Range } from "../shared/area.js" */
/** @import { Texts } from "../shared/dom.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { PlaneSpec } from "./data.d.ts" */
/** @import { Points } from "./points.js" */
/** @import { Plane } from "./plane.js" */

const NUMBERS = 5; // along an axis, about
const APART = 4; // pixels from a number to the area
const CORNER = 0.8; // of a letter's height, from the top of a line of letters to their ground

/**
 * The room that is needed to the left of the area.
 * @param {Plane} plane
 * @param {AreaView} view
 */
export function roomBeside(plane, { y }) {
  const names = plane.dims === 1 ? plane.classes.map(({ name }) => name) : roundNumbers(y, NUMBERS).map((one) => plain(one));
  return Math.max(...names.map((name) => widthOf(name))) + APART + (plane.dims === 1 ? 0 : LINE);
}

/**
 * What lies `within` the area, what stands `beside` it, and where that ends.
 * @param {Plane} plane
 * @param {Area} area
 * @param {Theme} theme
 */
export function axesOf(plane, area, theme) {
  const across = roundNumbers(area.view.x, NUMBERS);
  const under = area.top + area.height + APART + CORNER * TYPE;
  const [labelX, labelY] = plane.spec.space.slice.directions.map((_, axis) => labelOf(plane.spec, axis, plane.texts));
  const grid = (/** @type {number} */ value) => ({ stroke: theme.line, "stroke-width": value === 0 ? 1.5 : 0.75 });
  const upright = across.map((value) => line(area.toPixel([value])[0], 0, area.toPixel([value])[0], area.height, grid(value)));
  const numbers = across.map((value) => numberUnder(value, area, under));
  const bottom = under + LINE + APART;
  const name = text(labelX, area.left + area.width / 2, under + LINE, "middle");
  if (plane.dims === 1) return { within: [...upright, ...lanes(plane, area, theme)], beside: [...numbers, name, ...laneNames(plane, area)], bottom };
  const up = roundNumbers(area.view.y, NUMBERS).map((value) => ({ value, y: area.toPixel([0, value])[1] }));
  const level = up.map(({ value, y }) => line(0, y, area.width, y, grid(value)));
  const heights = up.map(({ value, y }) => text(plain(value), area.left - APART, area.top + y + 0.35 * TYPE, "end"));
  const middle = [area.top + area.height / 2, TYPE];
  const other = text(labelY, 0, 0, "middle");
  other.setAttribute("transform", `translate(${middle[1]} ${middle[0]}) rotate(-90)`);
  return { within: [...upright, ...level], beside: [...numbers, ...heights, name, other], bottom };
}

/**
 * What is along an axis: a dimension of the code or a direction of several, in the units of the plane.
 * @param {PlaneSpec} spec
 * @param {number} axis
 * @param {Texts} texts
 */
export function labelOf({ space }, axis, texts) {
  const direction = space.slice.directions[axis];
  const dim = direction.findIndex((value) => value === 1);
  const name = dim < 0 ? fill(texts.axis_direction, { number: axis + 1 }) : fill(texts.axis, { number: dim + 1 });
  return fill(space.mean ? texts.axis_raw : texts.axis_standard, { name });
}

/**
 * A number beneath its place, but not beyond the area's right end, where the paper ends too.
 * @param {number} value
 * @param {Area} area
 * @param {number} y
 */
function numberUnder(value, area, y) {
  const words = plain(value);
  const last = area.left + area.width - widthOf(words) / 2;
  return text(words, Math.min(area.left + area.toPixel([value])[0], last), y, "middle");
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {"middle" | "end"} anchor
 */
function text(words, x, y, anchor) {
  return write(words, x, y, { "font-size": TYPE, "text-anchor": anchor });
}

/**
 * @param {Plane} plane
 * @param {Area} area
 * @param {Theme} theme
 */
function lanes({ points, space, classes, hidden }, area, theme) {
  const { traces } = strip(/** @type {Points} */ (points), space, classes, theme);
  const seen = traces.filter(({ meta }) => !hidden.has(meta?.label ?? -1));
  return seen.map(({ x, y, fillcolor, line: { color } }) => {
    const corners = x.map((/** @type {number} */ value, /** @type {number} */ at) => area.toPixel([value, y[at]]));
    const path = corners.map((/** @type {number[]} */ pixel) => pixel.map((part) => part.toFixed(1)));
    return make("path", { d: `M${path.join("L")}Z`, fill: fillcolor, stroke: color, "stroke-width": 0.75 });
  });
}

/**
 * @param {Plane} plane
 * @param {Area} area
 */
function laneNames({ classes }, area) {
  return classes.map(({ name }, label) => {
    const [, y] = area.toPixel([0, classes.length - 1 - label]);
    return text(name, area.left - APART, area.top + y, "end");
  });
}
