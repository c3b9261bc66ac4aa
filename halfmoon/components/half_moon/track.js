// A model's track as a drawing: its film, its distances from true moons and from cross-dissolves, and its codes.

import { context2d, element, fill } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { indexOf } from "./axis.js";
import { line, make, write } from "../shared/svg.js";

/** @import { Axis } from "./axis.js" */
/** @import { Model, Story } from "./data.js" */
/** @typedef {{ distance: number, mass: number }} Tops of the scales, the same for all models */

const CURVES = 52; // pixels: the least heights of the parts; on a wide screen they grow with the frames
const CODES = 30;
const NARROWEST = 2; // times the lower peak: the share of codes beyond which bars are cut, so that both can be seen

/**
 * @param {Model} model
 * @param {Story} story
 * @param {Axis} axis
 * @param {Tops} tops
 * @param {HTMLImageElement} frames
 */
export function trackOf(model, { positions, classes, dissolveColour, texts }, axis, tops, frames) {
  const gap = axis.type + 5; // for the titles of the parts
  const curves = { top: axis.side + gap, height: Math.max(CURVES, axis.side), most: tops.distance };
  const codes = { top: curves.top + curves.height + gap, height: Math.max(CODES, axis.side / 2), most: tops.mass };
  const film = make("image", { x: axis.gutter, width: axis.width - axis.gutter, height: axis.side });
  film.setAttribute("href", filmOf(frames, axis, model.said.length));
  film.style.imageRendering = "pixelated";
  const peak = Math.max(...totals(model));
  const percent = (/** @type {number} */ share) => plain(100 * share, 2);
  const title = peak > tops.mass ? fill(texts.codes_cut, { peak: percent(peak) }) : texts.codes;
  const at = (/** @type {number} */ index) => axis.pixel(positions.first + index * positions.step);
  const bold = { class: "kind", "font-weight": 600, "font-size": axis.type + 3 };
  const mark = { x: 0, y: axis.side / 2 - 13, width: 9, height: 9, rx: 2, fill: model.colour };
  const parts = [
    make("rect", mark), // the title itself is legible in both themes, which no colour of a model is
    write(model.title, 0, axis.side / 2 + 11, bold),
    film,
    ...scale(axis, curves, plain(tops.distance), texts.distance),
    curve(model.dissolve_distances, at, curves, { stroke: dissolveColour, "stroke-dasharray": "6 4" }),
    curve(model.moon_distances, at, curves, { stroke: "currentColor" }),
    ...scale(axis, codes, percent(tops.mass), title),
    ...classes.map(({ colour }, label) => bars(model, label, at, codes, colour)),
  ];
  const height = codes.top + codes.height + 1;
  const track = make("svg", { width: axis.width, height, viewBox: `0 0 ${axis.width} ${height}` }, parts);
  track.setAttribute("font-family", "sans-serif");
  return track;
}

/**
 * The tops of both scales. Beyond the ends a model may draw anything, and codes may lie all at one place: both are cut.
 * @param {Story} story
 * @returns {Tops}
 */
export function topsOf({ models, positions }) {
  const [from, to] = [indexOf(positions, positions.new), indexOf(positions, positions.full) + 1];
  const distances = models.flatMap((model) => [
    ...model.moon_distances.slice(from, to),
    ...model.dissolve_distances.slice(from, to),
  ]);
  const peaks = models.map((model) => Math.max(...totals(model)));
  const mass = Math.min(Math.max(...peaks), NARROWEST * Math.min(...peaks)) || 1;
  return { distance: Math.ceil(Math.max(...distances)), mass: Number(mass.toPrecision(2)) };
}

/** @param {Model} model */
function totals({ mass }) {
  return mass[0].map((_, index) => mass.reduce((sum, ofClass) => sum + ofClass[index], 0));
}

/**
 * The frames side by side, as the address of a picture.
 * @param {HTMLImageElement} frames
 * @param {Axis} axis
 * @param {number} count of all positions
 */
function filmOf(frames, axis, count) {
  const { naturalWidth: width, naturalHeight } = frames;
  const height = naturalHeight / count;
  const film = element("canvas");
  Object.assign(film, { width: width * axis.frames.length, height });
  const context = context2d(film);
  axis.frames.forEach((position, at) => {
    const top = indexOf(axis.positions, position) * height;
    context.drawImage(frames, 0, top, width, height, at * width, 0, width, height);
  });
  return film.toDataURL();
}

/**
 * @typedef {{ top: number, height: number, most: number }} Part
 *
 * @param {number[]} values
 * @param {(index: number) => number} at
 * @param {Part} part
 * @param {Record<string, string>} look
 */
function curve(values, at, { top, height, most }, look) {
  const up = (/** @type {number} */ value) => top + height * (1 - Math.min(value / most, 1));
  const points = values.map((value, index) => `${at(index).toFixed(1)},${up(value).toFixed(1)}`);
  return make("polyline", { points: points.join(" "), fill: "none", "stroke-width": 2, ...look });
}

/**
 * The share of the codes of one class at every position, on those of the classes before it.
 * @param {Model} model
 * @param {number} label
 * @param {(index: number) => number} at
 * @param {Part} part
 * @param {string} colour
 */
function bars({ mass }, label, at, { top, height, most }, colour) {
  const up = (/** @type {number} */ share) => top + height * (1 - Math.min(share / most, 1));
  const half = (at(1) - at(0)) / 2;
  const d = mass[label].map((share, index) => {
    if (!share) return "";
    const below = mass.slice(0, label).reduce((sum, ofClass) => sum + ofClass[index], 0);
    const box = [at(index) - half, up(below), up(below + share), at(index) + half];
    const [left, ground, upper, right] = box.map((value) => value.toFixed(1));
    return `M${left} ${ground}V${upper}H${right}V${ground}Z`;
  });
  return make("path", { d: d.join(""), fill: colour });
}

/**
 * The scale of a part: its ground line, its greatest value, and what it is of.
 * @param {Axis} axis
 * @param {Part} part
 * @param {string} most
 * @param {string} title
 */
function scale(axis, { top, height }, most, title) {
  const small = { "font-size": axis.type, opacity: 0.75 };
  return [
    line(axis.gutter, top + height, axis.width, top + height, { opacity: 0.3 }),
    write(most, axis.gutter - 5, top + 9, { ...small, "text-anchor": "end" }),
    write("0", axis.gutter - 5, top + height, { ...small, "text-anchor": "end" }),
    write(title, axis.gutter + 1, top - 4, small),
  ];
}
