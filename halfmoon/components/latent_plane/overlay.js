// What is drawn over the points, in pixels of the plot: the cursor, the pins, the ellipse of a posterior. It is an SVG
// of its own, for a change of Plotly's shapes would take longer than a frame.

import { pointer } from "./beyond.js";

/** @import { Area } from "../shared/area.js" */
/** @import { Texts } from "../shared/dom.js" */
/**
 * @typedef {"cursor" | "pin" | "drawn" | "twin" | "kept" | "ellipse" | "outline"} Kind
 * @typedef {object} Mark
 * @property {Kind} kind
 * @property {number[]} place
 * @property {[xx: number, yy: number, xy: number]} [covariance] of an ellipse
 * @property {number} [label] of a kept place
 * @property {string} [className]
 * @property {number[][]} [corners] of an outline
 */

const NAMESPACE = "http://www.w3.org/2000/svg";

export class Overlay {
  /**
   * @param {() => Area | null} area the drawing area that the marks are in, null where there is none yet
   * @param {Texts} texts
   */
  constructor(area, texts) {
    this.area = area;
    this.words = /** @type {Partial<Record<Kind, string>>} */ ({
      pin: texts.beyond_pin,
      drawn: texts.beyond_drawn,
      twin: texts.beyond_twin,
    });
    this.svg = document.createElementNS(NAMESPACE, "svg");
    this.svg.setAttribute("class", "latent-plane-overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.marks = /** @type {Record<string, Mark | Mark[] | null>} */ ({});
  }

  /**
   * Marks by name, null for one that is not to be seen.
   * @param {Record<string, Mark | Mark[] | null>} marks
   */
  show(marks) {
    Object.assign(this.marks, marks);
    this.draw();
  }

  get shown() {
    return Object.values(this.marks).flatMap((mark) => mark ?? []);
  }

  draw() {
    const area = this.area();
    if (!area) return;
    this.svg.innerHTML =
      `<svg x="${area.left}" y="${area.top}" width="${area.width}" height="${area.height}">` +
      `${this.shown.map((mark) => this.beyond(mark, area) ?? marked(mark, area)).join("")}</svg>`;
  }

  /**
   * What points to a mark out of view that one would look for.
   * @param {Mark} mark
   * @param {Area} area
   */
  beyond({ kind, place, label }, area) {
    const word = label === undefined ? this.words[kind] : String(label);
    return word ? pointer(place, area, word) : null;
  }
}

/**
 * The markup of a mark.
 * @param {Mark} mark
 * @param {Area} area
 */
export function marked(mark, area) {
  return DRAW[mark.kind](mark, area);
}

/** @type {Record<Kind, (mark: Mark, area: Area) => string>} */
const DRAW = {
  cursor: ring(5.5),
  pin: ring(9),
  drawn: ring(7),
  twin: ({ place }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) return line(x, area, "twin");
    return `<path class="twin" d="M${x} ${y - 7}l7 7l-7 7l-7 -7z"/>`;
  },
  kept: ({ place, label }, area) => {
    const [x, y] = area.toPixel(place);
    const at = place.length === 1 ? area.height - 12 : y;
    return `<g class="kept"><circle cx="${x}" cy="${at}" r="8"/><text x="${x}" y="${at}">${label}</text></g>`;
  },
  outline: ({ corners = [] }, area) => {
    const path = `M${corners.map((corner) => area.toPixel(corner).map((at) => at.toFixed(1)).join(" ")).join("L")}Z`;
    return `<g class="outline"><path class="halo" d="${path}"/><path class="edge" d="${path}"/></g>`;
  },
  // One and two standard deviations, to scale.
  ellipse: ({ place, covariance: [xx, yy, xy] = [0, 0, 0], className = "" }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) {
      const half = Math.sqrt(xx) * area.perX;
      const band = (/** @type {number} */ reach) =>
        `<rect x="${x - reach}" y="0" width="${2 * reach}" height="${area.height}"/>`;
      return `<g class="ellipse ${className}">${band(half)}${band(2 * half)}</g>`;
    }
    const middle = (xx + yy) / 2;
    const apart = Math.hypot((xx - yy) / 2, xy);
    const angle = (-Math.atan2(2 * xy, xx - yy) / 2) * (180 / Math.PI); // down is up on the screen
    const radii = [Math.sqrt(middle + apart) * area.perX, Math.sqrt(Math.max(0, middle - apart)) * area.perY];
    const one = (/** @type {number} */ times) => `<ellipse rx="${times * radii[0]}" ry="${times * radii[1]}"/>`;
    return `<g class="ellipse ${className}" transform="translate(${x} ${y}) rotate(${angle})">${one(1)}${one(2)}</g>`;
  },
};

/**
 * On a plane a ring with a dot, on a line an upright.
 * @param {number} radius
 * @returns {(mark: Mark, area: Area) => string}
 */
function ring(radius) {
  return ({ kind, place }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) return line(x, area, kind);
    const circle = (/** @type {string} */ name, /** @type {number} */ r) =>
      `<circle class="${name}" cx="${x}" cy="${y}" r="${r}"/>`;
    return `<g class="${kind}">${circle("halo", radius)}${circle("ring", radius)}${circle("dot", 1.5)}</g>`;
  };
}

/**
 * @param {number} x
 * @param {Area} area
 * @param {Kind} kind
 */
function line(x, area, kind) {
  const upright = (/** @type {string} */ name) =>
    `<line class="${name}" x1="${x}" x2="${x}" y1="0" y2="${area.height}"/>`;
  return `<g class="${kind}">${upright("halo")}${upright("ring")}</g>`;
}
