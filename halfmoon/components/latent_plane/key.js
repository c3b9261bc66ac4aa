// The key of the planes: every sign on them, drawn as they draw it, with what it means. A button unfolds it.

import { Area } from "../shared/area.js";
import { element } from "../shared/dom.js";
import { popup } from "../shared/popup.js";
import { withTerms } from "../shared/terms.js";
import { outlined } from "./outlines.js";
import { marked } from "./overlay.js";

/** @import { Scene } from "./data.d.ts" */
/** @import { Kind } from "./overlay.js" */

const SIGN = { left: 0, top: 0, width: 30, height: 26 }; // pixels
const AREA = new Area(SIGN, { x: [-15, 15], y: [-13, 13] });
const SPREAD = /** @type {[number, number, number]} */ ([36, 12, 8]); // of an ellipse

/**
 * The button, and what it unfolds.
 * @param {Scene} scene
 */
export function key({ planes, texts, drawing, layers }) {
  const dims = planes[0].space.slice.directions.length;
  const [isPair, hasPrior] = [planes.length > 1, planes.every(({ points }) => points.has_posterior)];
  const origin = new Array(dims).fill(0);
  /** @type {(kind: Kind, words: string) => HTMLElement} */
  const mark = (kind, words) => row(marked({ kind, place: origin, covariance: SPREAD, label: 1 }, AREA), words);
  const ring = [outlined({ className: "ring-line", paths: [circle(dims, 10)], label: "", toward: [0, -1] }, AREA)];
  const contour = [9, 5].map((size) =>
    outlined({ className: "contour", paths: [circle(2, size)], label: "", toward: [0, -1] }, AREA),
  );
  const rows = [
    mark("pin", isPair ? texts.key_pin_pair : texts.key_pin),
    ...(isPair ? [mark("twin", texts.key_twin)] : []),
    ...(planes.some(({ points }) => points.has_posterior) ? [mark("ellipse", texts.key_ellipse)] : []),
    mark("kept", texts.key_kept),
    ...(drawing ? [mark("drawn", texts.key_drawn)] : []),
    row(ring.join(""), hasPrior ? texts.key_rings : texts.key_rings_standard),
    ...(layers.includes("density") ? [row(contour.join(""), texts.key_contours)] : []),
  ];
  const sheet = element("div", "latent-plane-key", element("ul", "", ...rows));
  const button = popup("latent-plane-key-button", texts.key, sheet);
  return { button, sheet };
}

/**
 * @param {string} sign
 * @param {string} words
 */
function row(sign, words) {
  const made = element("li");
  const { width, height } = SIGN;
  made.innerHTML = `<svg class="latent-plane-overlay latent-plane-outlines" viewBox="0 0 ${width} ${height}"
    aria-hidden="true">${sign}</svg>`;
  made.append(element("span", "", ...withTerms(words)));
  return made;
}

/**
 * Places around the origin; on a line one upright.
 * @param {number} dims
 * @param {number} radius
 */
function circle(dims, radius) {
  if (dims === 1) return [[0]];
  const turn = (/** @type {number} */ at) => (2 * Math.PI * at) / 36;
  return Array.from({ length: 36 }, (_, at) => [radius * Math.cos(turn(at)), radius * Math.sin(turn(at))]);
}
