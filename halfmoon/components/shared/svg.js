// Elements of drawings.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {SVGElement[]} [children]
 */
export function make(name, attributes, children = []) {
  const node = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {Record<string, string | number>} [look]
 */
export function write(words, x, y, look) {
  const node = make("text", { x, y, fill: "currentColor", "font-size": 13, ...look });
  node.textContent = words;
  return node;
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {Record<string, string | number>} [look]
 */
export function line(x1, y1, x2, y2, look) {
  return make("line", { x1, y1, x2, y2, stroke: "currentColor", ...look });
}
