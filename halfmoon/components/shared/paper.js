// The paper that pictures are printed on: white whatever the page's theme, as wide as a column of a journal, with letters
// that can be read there.

import { context2d, element } from "./dom.js";
import { make, write } from "./svg.js";

/** @import { Theme } from "./theme.js" */

export const COLUMN = 321; // pixels of the page: 8.5 cm
export const PAGE = 642; // two columns
export const TYPE = 11; // pixels: 8.25 pt
export const LINE = 15; // from one line of letters to the next
export const PIXELS = 6; // of a bitmap for each of these: 576 to the inch
const CENTIMETRES = 8.5 / COLUMN;
const WIDE = 1.7; // times as wide as high: that takes both columns

export const FONT = "Helvetica, Arial, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
export const INK = "#23283b";
export const GRID = "#dfdbd0";
const COLOURS = {
  "text-color": INK,
  "background-color": "#ffffff",
  "secondary-background-color": "#ffffff",
  "border-color": GRID,
  "primary-color": "#4a5fa5",
  font: FONT,
};

// What styles say of a mark that a drawing without them has to say itself.
const LOOKS = [
  "fill", "fill-opacity", "fill-rule", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray",
  "stroke-linejoin", "paint-order", "opacity", "font-size", "font-weight", "text-anchor",
];

/**
 * What `make` makes of an unseen element that has the paper's colours instead of the page's.
 * @template Made
 * @param {string} className
 * @param {(sheet: HTMLElement) => Promise<Made>} make
 */
export async function onPaper(className, make) {
  const sheet = element("div", className);
  sheet.ariaHidden = "true";
  sheet.style.cssText = "position: fixed; visibility: hidden; pointer-events: none; color-scheme: light;";
  for (const [name, value] of Object.entries(COLOURS)) sheet.style.setProperty(`--st-${name}`, value);
  document.body.append(sheet);
  try {
    return await make(sheet);
  } finally {
    sheet.remove();
  }
}

/**
 * The width of a picture with this area on it.
 * @param {{ width: number, height: number }} area
 */
export function widthFor({ width, height }) {
  return width > WIDE * height ? PAGE : COLUMN;
}

/**
 * A whole picture of its parts.
 * @param {number} width
 * @param {number} height
 * @param {string} title
 * @param {SVGElement[]} parts
 */
export function picture(width, height, title, parts) {
  const size = { width: `${centimetres(width)}cm`, height: `${centimetres(height)}cm`, viewBox: `0 0 ${width} ${height}` };
  const look = { xmlns: "http://www.w3.org/2000/svg", "font-family": FONT, "font-size": TYPE, color: INK };
  const name = make("title", {});
  name.textContent = title;
  return make("svg", { ...size, ...look }, [name, make("rect", { width, height, fill: "#ffffff" }), ...parts]);
}

/** @param {number} pixels */
function centimetres(pixels) {
  return (pixels * CENTIMETRES).toFixed(3);
}

/**
 * Markup that lies on a sheet of paper as a drawing that needs no styles.
 * @param {HTMLElement} sheet
 * @param {string} className that its styles know it by
 * @param {string} markup
 */
export function unstyled(sheet, className, markup) {
  const drawing = make("svg", { class: className });
  drawing.innerHTML = markup;
  sheet.append(drawing);
  for (const mark of drawing.querySelectorAll("path, circle, ellipse, rect, line, text")) {
    const style = getComputedStyle(mark);
    for (const name of LOOKS) mark.setAttribute(name, style.getPropertyValue(name).replace(/px/g, ""));
    if (style.dominantBaseline === "central") mark.setAttribute("dy", "0.35em"); // which every reader knows
  }
  const group = make("g", {});
  group.append(...drawing.childNodes);
  drawing.remove();
  return group;
}

/**
 * @param {string} words
 * @param {number} [size]
 */
export function widthOf(words, size = TYPE, weight = 400) {
  const context = context2d(element("canvas"));
  context.font = `${weight} ${size}px ${FONT}`;
  return context.measureText(words).width;
}

/**
 * Words in as many lines as they take.
 * @param {string} words
 * @param {number} width
 */
export function wrapped(words, width, weight = 400) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words.match(/[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*/g) ?? []) {
    const longer = (lines[lines.length - 1] ?? "") + word;
    if (lines.length && widthOf(longer.trimEnd(), TYPE, weight) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => line.trimEnd());
}

/**
 * Names with their colours, one beside the other in as many lines as they take; the place below.
 * @param {{ name: string, colour: string }[]} entries
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @returns {{ parts: SVGElement[], bottom: number }}
 */
export function legend(entries, left, top, right) {
  let [x, y] = [left, top];
  const parts = entries.flatMap(({ name, colour }) => {
    const width = 11 + widthOf(name) + 10;
    if (x + width > right && x > left) [x, y] = [left, y + LINE];
    const sign = make("rect", { x, y: y + 3, width: 7, height: 7, rx: 3.5, fill: colour });
    const words = write(name, x + 11, y + TYPE - 1, { "font-size": TYPE });
    x += width;
    return [sign, words];
  });
  return { parts: [make("g", { class: "legend" }, parts)], bottom: entries.length ? y + LINE : top };
}

/**
 * Round numbers within a range.
 * @param {[low: number, high: number]} range
 * @param {number} count of them, about
 */
export function roundNumbers([low, high], count) {
  const rough = (high - low) / count;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * decade).find((size) => size >= rough) ?? 10 * decade;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(9)));
}
