// Files that the page makes: their names, and the saving of them.

import { context2d, element } from "./dom.js";

/** @typedef {"png" | "svg"} Format of a picture */

/**
 * The name of a file, which tells what is in it: halfmoon-DATA-WHAT-DETAILS, in ASCII. The twin of `file_name` in
 * halfmoon/parts/downloads.py.
 * @param {string[]} parts data, what, and any details
 */
export function fileName(...parts) {
  const words = parts.map((part) => part.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, ""));
  const slugs = words.map((word) => word.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, ""));
  return ["halfmoon", ...slugs.filter(Boolean)].join("-");
}

/**
 * @param {string} address
 * @param {string} name
 */
export function save(address, name) {
  const link = element("a");
  link.href = address;
  link.download = name;
  link.click();
}

/**
 * @param {string} content
 * @param {string} type
 * @param {string} name
 */
export function saveText(content, type, name) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // it may be saved later than we asked
}

/**
 * Rows of numbers and words as a CSV.
 * @param {(string | number)[][]} rows
 * @param {string} name
 */
export function saveTable(rows, name) {
  const cell = (/** @type {string | number} */ value) =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  saveText(rows.map((row) => `${row.map(cell).join(",")}\n`).join(""), "text/csv", `${name}.csv`);
}

/**
 * A drawing as it is, or as the picture of it in so many pixels for each of its own.
 * @param {SVGElement} drawing
 * @param {string} name
 * @param {Format} format
 * @param {number} pixels
 */
export async function saveDrawing(drawing, name, format, pixels) {
  const text = new XMLSerializer().serializeToString(drawing);
  if (format === "svg") return saveText(text, "image/svg+xml", `${name}.svg`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = element("canvas");
  Object.assign(canvas, { width: pixels * image.naturalWidth, height: pixels * image.naturalHeight });
  context2d(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  save(canvas.toDataURL(), `${name}.png`);
}
