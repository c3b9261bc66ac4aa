// A mark whose place is out of view: at the edge, pointing to it, with a word.

/** @import { Area } from "../shared/area.js" */

const INSET = 9; // pixels from the edge to the middle of the arrow
const SIGHT = 3; // pixels beyond the edge from which a mark is no longer seen
const WORD = 10; // pixels from the arrow to its word

/**
 * The arrow to a place; null where it is in view.
 * @param {number[]} place
 * @param {Area} area
 * @param {string} word
 */
export function pointer(place, area, word) {
  const [x, y] = area.toPixel(place);
  const { width, height } = area;
  if (x >= -SIGHT && x <= width + SIGHT && y >= -SIGHT && y <= height + SIGHT) return null;
  const [atX, atY] = [bounded(x, width), bounded(y, height)];
  const angle = (Math.atan2(y - atY, x - atX) * 180) / Math.PI;
  const [wordX, anchor] = atX > width / 2 ? [atX - WORD, "end"] : [atX + WORD, "start"];
  return (
    `<g class="beyond"><path transform="translate(${atX} ${atY}) rotate(${angle})" d="M7 0L-4 -6V6z"/>` +
    `<text x="${wordX}" y="${atY}" text-anchor="${anchor}">${word}</text></g>`
  );
}

/**
 * @param {number} pixel
 * @param {number} length
 */
function bounded(pixel, length) {
  return Math.min(length - INSET, Math.max(INSET, pixel));
}
