// Decoded images for decoders that don't run in the browser: sheets of tiles, decoded by the server. At first there is
// a coarse sheet of the part of the plane in view, then a finer one; those of the first view, the whole plane, are kept.

/** @import { Range } from "../shared/area.js" */
/**
 * @typedef {{ x: Range, y?: Range }} PlaneView a line has no other axis
 * @typedef {{ columns: number, rows: number }} Cells
 * @typedef {{ origin: number[], u: number[], v: number[] }} Span a parallelogram in code space
 * @typedef {Cells & { view: PlaneView, pixels: Uint8Array, step: number }} Sheet
 */

const COARSE_TILES = 256; // of the first sheet; a fine one has as many as the server gives
const LINE_TILES = 1024; // along a line that is finer than its pixels

export class Atlas {
  /**
   * A sheet has no more than `maxTiles`, nor more than `maxBytes`.
   * @param {{
   *   base: string, path: string, shape: number[], toCode: (place: number[]) => number[], onChange: () => void,
   *   maxTiles: number, maxBytes: number,
   * }} atlas
   */
  constructor({ base, path, shape, toCode, onChange, maxTiles, maxBytes }) {
    this.shape = shape;
    this.toCode = toCode;
    this.onChange = onChange;
    this.address = `${base}/${path}`;
    this.size = shape.reduce((product, side) => product * side, 1);
    this.counts = [COARSE_TILES, maxTiles].map((count) => Math.min(count, Math.floor(maxBytes / this.size)));
    this.image = new Float32Array(this.size);
    this.sheets = /** @type {(Sheet & { key: string, count: number })[]} */ ([]);
    this.key = /** @type {string | null} */ (null); // of the view that is looked at
    this.home = /** @type {string | null} */ (null); // of the first one
    this.loading = /** @type {AbortController | null} */ (null);
  }

  /**
   * The nearest tile, of the finest sheet with the place on it; null while there is none.
   * @param {number[]} code
   * @param {number[]} place
   */
  decode(code, place) {
    const sheet = this.finest(place);
    if (!sheet) return null;
    const column = cell(place[0], sheet.view.x, sheet.columns);
    const row = sheet.view.y ? cell(place[1], sheet.view.y, sheet.rows) : 0;
    const start = (row * sheet.columns + column) * this.size;
    for (let at = 0; at < this.size; at++) this.image[at] = sheet.pixels[start + at] / 255;
    return this.image;
  }

  /**
   * The image at exactly this code, when the server has decoded it.
   * @param {number[]} code
   */
  async fetchImage(code) {
    const nowhere = code.map(() => 0);
    const bytes = await this.fetchTiles({ origin: code, u: nowhere, v: nowhere, columns: 1, rows: 1 });
    return Float32Array.from(bytes, (byte) => byte / 255);
  }

  /** @param {number[]} place */
  finest(place) {
    let best = null;
    for (const sheet of this.sheets) {
      const { x, y } = sheet.view;
      const holds = isWithin(place[0], x) && (!y || isWithin(place[1], y));
      if (holds && !(best && best.step <= sheet.step)) best = sheet;
    }
    return best ?? this.sheets[0] ?? null;
  }

  /**
   * Resolves when the sheets of this view have come, or another view has taken its place.
   * @param {PlaneView} view
   */
  async lookAt({ x, y }) {
    const edges = [...x, ...(y ?? [])];
    const key = edges.map((edge) => edge.toPrecision(9)).join(); // the last places depend on who reckons
    if (key === this.key) return;
    this.key = key;
    this.home ??= key;
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      for (const count of this.counts) {
        if (this.sheets.some((sheet) => sheet.key === key && sheet.count >= count)) continue;
        const sheet = await this.fetchSheet({ x, y }, count, signal);
        const kept = this.sheets.filter((other) => other.key === this.home && key !== this.home);
        this.sheets = [...kept, { ...sheet, key, count }];
        this.onChange();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.key = null; // the same view may be asked for again
      console.warn(error);
    }
  }

  /**
   * @param {PlaneView} view
   * @param {number} count
   * @param {AbortSignal} signal
   * @returns {Promise<Sheet>}
   */
  async fetchSheet({ x, y }, count, signal) {
    const span = spans(this.toCode, { x, y });
    const isLine = span.origin.length === 1;
    const cells = grid({ x, y }, Math.max(1, count), isLine);
    const pixels = await this.fetchTiles({ ...span, ...cells }, signal);
    return { ...cells, view: isLine ? { x } : { x, y }, pixels, step: (x[1] - x[0]) / cells.columns };
  }

  /**
   * @param {Span & Cells} tiles
   * @param {AbortSignal} [signal]
   */
  async fetchTiles(tiles, signal) {
    const response = await fetch(`${this.address}&${gridQuery(tiles)}`, { signal });
    if (!response.ok) throw new Error(`${this.address}: ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }
}

/**
 * The part of code space in view: the code at its lower left, and the ways from there to the right and up.
 * @param {(place: number[]) => number[]} toCode
 * @param {PlaneView} view
 * @returns {Span}
 */
export function spans(toCode, { x, y = [0, 0] }) {
  const origin = toCode([x[0], y[0]]);
  const difference = (/** @type {number[]} */ place) =>
    Array.from(toCode(place), (value, dim) => value - origin[dim]);
  const u = difference([x[1], y[0]]);
  return { origin, u, v: origin.length === 1 ? [0] : difference([x[0], y[1]]) };
}

/**
 * Cells as nearly square on the plane as their number allows.
 * @param {PlaneView} view
 * @param {number} most
 * @param {boolean} isLine
 * @returns {Cells}
 */
export function grid({ x, y }, most, isLine) {
  if (isLine || !y) return { columns: Math.min(most, LINE_TILES), rows: 1 };
  const aspect = (x[1] - x[0]) / (y[1] - y[0]);
  const columns = Math.min(most, Math.max(1, Math.round(Math.sqrt(most * aspect))));
  return { columns, rows: Math.max(1, Math.floor(most / columns)) };
}

/** @param {Span & Cells} tiles */
export function gridQuery({ origin, u, v, columns, rows }) {
  const text = (/** @type {number[]} */ numbers) =>
    Array.from(numbers, (number) => Number(number.toPrecision(9))).join(",");
  return `origin=${text(origin)}&u=${text(u)}&v=${text(v)}&columns=${columns}&rows=${rows}`;
}

/**
 * @param {number} value
 * @param {Range} range
 * @param {number} count
 */
function cell(value, [low, high], count) {
  return Math.min(count - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * count)));
}

/**
 * @param {number} value
 * @param {Range} range
 */
function isWithin(value, [low, high]) {
  return low <= value && value <= high;
}
