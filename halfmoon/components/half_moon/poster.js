// All tracks with their axis and their key as one file.

import { context2d, element } from "../shared/dom.js";
import { save as saveFile } from "../shared/plotting.js";
import { line, make, write } from "../shared/svg.js";
import { Axis } from "./axis.js";

/** @import { Story } from "./data.js" */

const [MARGIN, HEAD, LINE, SCALE] = [16, 34, 24, 2];

/**
 * @param {string} format
 * @param {HTMLElement} root
 * @param {Story} story
 * @param {HTMLElement} drawings
 * @param {number} at the position that is marked
 */
export async function save(format, root, story, drawings, at) {
  const poster = posterOf(root, story, drawings, at);
  const text = new XMLSerializer().serializeToString(poster);
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  saveFile(format === "svg" ? address : await toPng(address), `${story.name}.${format}`);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {HTMLElement} root
 * @param {Story} story
 * @param {HTMLElement} drawings
 * @param {number} at
 */
function posterOf(root, story, drawings, at) {
  const tracks = [...drawings.children].map((track) => /** @type {SVGElement} */ (track.cloneNode(true)));
  const axis = new Axis(story.positions, Number(tracks[0].getAttribute("width")));
  let top = HEAD;
  for (const track of tracks) {
    track.setAttribute("y", String(top));
    track.removeAttribute("role");
    top += Number(track.getAttribute("height")) + 12;
  }
  const ticks = axis.ticks.map((tick) => write(String(tick), axis.pixel(tick), 22, { "text-anchor": "middle" }));
  const here = line(axis.pixel(at), 28, axis.pixel(at), top - 12, { "stroke-width": 1.5 });
  const parts = [...ticks, ...tracks, here, ...keyOf(story, top + 12)];
  const inside = make("g", { transform: `translate(${MARGIN} 0)` }, parts);
  const [width, height] = [axis.width + 2 * MARGIN, top + 2 * LINE + 4];
  const page = getComputedStyle(root.closest(".stApp") ?? root).backgroundColor;
  const ground = make("rect", { width, height, fill: page });
  const size = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` };
  const poster = make("svg", { ...size, "font-family": "sans-serif" }, [ground, inside]);
  poster.style.color = getComputedStyle(root).color;
  return poster;
}

/**
 * What the lines mean, and below it the classes of the codes.
 * @param {Story} story
 * @param {number} top
 */
function keyOf({ classes, dissolveColour, texts }, top) {
  const lines = [
    { name: texts.to_moon, look: { stroke: "currentColor", "stroke-dasharray": "none" } },
    { name: texts.to_dissolve, look: { stroke: dissolveColour, "stroke-dasharray": "6 4" } },
  ];
  const parts = lines.flatMap(({ name, look }, at) => {
    const x = at * 320;
    const sample = line(x, top - 4, x + 26, top - 4, { "stroke-width": 2, ...look });
    return [sample, write(name, x + 34, top, { class: "key" })];
  });
  const marks = classes.flatMap(({ name, colour }, at) => {
    const x = at * 110;
    const dot = make("circle", { cx: x + 6, cy: top + LINE - 4, r: 5, fill: colour });
    return [dot, write(name, x + 18, top + LINE, { class: "key" })];
  });
  return [...parts, ...marks];
}

/** @param {string} address */
async function toPng(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = element("canvas");
  Object.assign(canvas, { width: SCALE * image.naturalWidth, height: SCALE * image.naturalHeight });
  context2d(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL();
}
