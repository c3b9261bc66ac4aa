// Creation of elements, and formatting of numbers.

/** @typedef {Record<string, string>} Texts what is said, by key, in the language of the page */

/**
 * Its twin in Python is `tag` in halfmoon/parts/html.py.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * @param {string} className
 * @param {string} label
 * @param {(event: MouseEvent) => void} pressed
 */
export function button(className, label, pressed) {
  const made = element("button", className, label);
  made.type = "button";
  made.onclick = pressed;
  return made;
}

/**
 * The title of a run after a square in its colour; without one it has none. The twin of `kind_mark` in
 * halfmoon/parts/html.py.
 * @param {string} title
 * @param {string | null} colour
 */
export function kindMark(title, colour) {
  const mark = element("span", colour ? "hm-kind" : "", title);
  if (colour) mark.style.setProperty("--hm-kind", colour);
  return mark;
}

/**
 * The context to draw on a canvas with; it has one, for nothing else is ever drawn with.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}

/**
 * Five digits: finer than a pixel, and what is stated is what is decoded. The twin of `rounded` in halfmoon/address.py.
 * @param {ArrayLike<number>} values
 */
export function rounded(values) {
  return Array.from(values, (value) => Number(value.toPrecision(5)) + 0);
}

/**
 * A text with its {blanks} filled in.
 * @param {string} template
 * @param {Record<string, unknown>} values
 */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * The sentence of whatever was thrown.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Calls `done` when the next frame has been laid out and painted.
 * @param {() => void} done
 */
export function afterFrame(done) {
  requestAnimationFrame(() => setTimeout(done));
}
