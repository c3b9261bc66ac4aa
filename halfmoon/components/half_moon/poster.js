// All tracks with their axis and their key as one picture for a paper.

import { saveDrawing } from "../shared/files.js";
import { LINE, legend, PAGE, picture, PIXELS, TYPE, widthOf } from "../shared/paper.js";
import { line, make, write } from "../shared/svg.js";
import { Axis } from "./axis.js";
import { topsOf, trackOf } from "./track.js";

/** @import { Format } from "../shared/files.js" */
/** @import { Story } from "./data.js" */

const [MARGIN, GAP] = [8, 12]; // pixels

/**
 * @param {Format} format
 * @param {Story} story
 * @param {HTMLImageElement[]} frames of each model
 * @param {number} at the position that is marked
 */
export async function save(format, story, frames, at) {
  await saveDrawing(posterOf(story, frames, at), story.name, format, PIXELS);
}

/**
 * @param {Story} story
 * @param {HTMLImageElement[]} frames
 * @param {number} at
 */
function posterOf(story, frames, at) {
  const axis = new Axis(story.positions, PAGE - 2 * MARGIN);
  const tops = topsOf(story);
  const ground = MARGIN + 2 * TYPE + GAP; // of the axis' numbers
  let top = ground + GAP / 2;
  const tracks = story.models.map((model, index) => {
    const track = trackOf(model, story, axis, tops, frames[index]);
    track.setAttribute("y", String(top));
    top += Number(track.getAttribute("height")) + GAP;
    return track;
  });
  const title = write(story.title, 0, MARGIN + TYPE, { "font-size": TYPE, "font-weight": 600 });
  const ticks = axis.ticks.map((tick) => write(String(tick), axis.pixel(tick), ground, { "font-size": TYPE, "text-anchor": "middle" }));
  const here = line(axis.pixel(at), ground + 3, axis.pixel(at), top - GAP, { "stroke-width": 1.5 });
  const key = keyOf(story, axis, top);
  const inside = make("g", { transform: `translate(${MARGIN} 0)` }, [title, ...ticks, ...tracks, here, ...key.parts]);
  return picture(PAGE, Math.ceil(key.bottom + MARGIN), story.title, [inside]);
}

/**
 * What the lines mean, and below it the classes of the codes.
 * @param {Story} story
 * @param {Axis} axis
 * @param {number} top
 */
function keyOf({ classes, dissolveColour, texts }, axis, top) {
  const lines = [
    { name: texts.to_moon, look: { stroke: "currentColor", "stroke-dasharray": "none" } },
    { name: texts.to_dissolve, look: { stroke: dissolveColour, "stroke-dasharray": "6 4" } },
  ];
  let x = axis.gutter;
  const parts = lines.flatMap(({ name, look }) => {
    const sample = line(x, top + TYPE - 4, x + 26, top + TYPE - 4, { "stroke-width": 2, ...look });
    const words = write(name, x + 32, top + TYPE, { class: "key", "font-size": TYPE });
    x += 32 + widthOf(name) + 2 * GAP;
    return [sample, words];
  });
  const names = legend(classes, axis.gutter, top + LINE + 4, axis.width);
  return { parts: [...parts, ...names.parts], bottom: names.bottom };
}
