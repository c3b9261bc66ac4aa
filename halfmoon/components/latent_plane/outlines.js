// The lines of the layers, over the points: rings and contours, with their names. An SVG of its own, for it changes with
// the part of the plane in view and not with every move of the pointer.

/** @import { Area } from "../shared/area.js" */
/**
 * @typedef {object} Line
 * @property {string} className
 * @property {number[][][]} paths closed ones, of places; on a line of one place each, which is an upright
 * @property {string} label its name, where it goes farthest in view
 * @property {[right: number, down: number]} toward this direction
 */

const NAMESPACE = "http://www.w3.org/2000/svg";
const ROOM = 14; // pixels between a name and the edge

export class Outlines {
  /** @param {() => Area | null} area the drawing area that they are in, null where there is none yet */
  constructor(area) {
    this.area = area;
    this.svg = document.createElementNS(NAMESPACE, "svg");
    this.svg.setAttribute("class", "latent-plane-overlay latent-plane-outlines");
    this.svg.setAttribute("aria-hidden", "true");
    this.lines = /** @type {Line[]} */ ([]);
  }

  /** @param {Line[]} lines */
  show(lines) {
    this.lines = lines;
    this.draw();
  }

  draw() {
    const area = this.area();
    if (!area) return;
    const { left, top, width, height } = area;
    const drawn = [...this.lines.map((line) => outlined(line, area)), ...this.lines.map((line) => nameOf(line, area))];
    this.svg.innerHTML = `<svg x="${left}" y="${top}" width="${width}" height="${height}">${drawn.join("")}</svg>`;
  }
}

/**
 * A line on a casing, so that it is seen on the ground and on points of any colour.
 * @param {Line} line
 * @param {Area} area
 */
export function outlined({ className, paths }, area) {
  const path = paths.map((places) => outline(places, area)).join("");
  return `<path class="casing" d="${path}"/><path class="line ${className}" d="${path}"/>`;
}

/**
 * @param {number[][]} places
 * @param {Area} area
 */
function outline(places, area) {
  if (places.length === 1) return `M${area.toPixel(places[0])[0]} 0V${area.height}`;
  const corners = places.map((place) => area.toPixel(place).map((pixel) => pixel.toFixed(1)));
  return `M${corners.join("L")}Z`;
}

/**
 * The name of a line, where it is seen.
 * @param {Line} line
 * @param {Area} area
 */
export function nameOf({ label, paths, toward }, area) {
  const seen = paths.flatMap((places) => places.map((place) => area.toPixel(place))).filter((pixel) => isIn(pixel, area));
  if (!seen.length) return "";
  const reach = (/** @type {number[]} */ [right, down]) => right * toward[0] + down * toward[1];
  const [x, y] = seen.reduce((best, pixel) => (reach(pixel) > reach(best) ? pixel : best));
  const isUpright = paths[0].length === 1;
  return `<text x="${isUpright ? x + ROOM : x}" y="${isUpright ? ROOM : y}">${label}</text>`;
}

/**
 * @param {number[]} pixel
 * @param {Area} area
 */
function isIn([x, y], { width, height }) {
  return x >= ROOM && x <= width - ROOM && y >= ROOM && y <= height - ROOM;
}
