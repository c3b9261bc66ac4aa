// Decoded images for decoders that don't run in the browser: sheets of tiles, decoded by the server. At first there is
// a coarse sheet of the part of the plane in view, then a finer one; those of the first view, the whole plane, are kept.

const TILE_COUNTS = [256, 4096]; // of a coarse and of a fine sheet; the server gives no more
const LINE_TILES = 1024; // along a line that is finer than its pixels
const SHEET_BYTES = 2 ** 24; // nor more than this

export class Atlas {
  exact = false;

  constructor({ base, path, shape, toCode, onChange }) {
    Object.assign(this, { shape, toCode, onChange });
    this.address = `${base}/${path}`;
    this.size = shape.reduce((product, side) => product * side, 1);
    this.image = new Float32Array(this.size);
    this.sheets = [];
  }

  // The nearest tile, of the finest sheet with the place on it; null while there is none.
  decode(code, place) {
    const sheet = this.finest(place);
    if (!sheet) return null;
    const column = cell(place[0], sheet.view.x, sheet.columns);
    const row = sheet.rows === 1 ? 0 : cell(place[1], sheet.view.y, sheet.rows);
    const start = (row * sheet.columns + column) * this.size;
    for (let at = 0; at < this.size; at++) this.image[at] = sheet.pixels[start + at] / 255;
    return this.image;
  }

  // The image at exactly this code, when the server has decoded it.
  async fetchImage(code) {
    const nowhere = code.map(() => 0);
    return Float32Array.from(await this.fetchTiles(code, nowhere, nowhere, 1, 1), (byte) => byte / 255);
  }

  finest(place) {
    let best = null;
    for (const sheet of this.sheets) {
      const { x, y } = sheet.view;
      const holds = isWithin(place[0], x) && (sheet.rows === 1 || isWithin(place[1], y));
      if (holds && !(best?.step <= sheet.step)) best = sheet;
    }
    return best ?? this.sheets[0] ?? null;
  }

  // Resolves when the sheets of this view have come, or another view has taken its place.
  async lookAt({ x, y }) {
    const edges = [...x, ...(y ?? [])]; // a line has no other axis
    const key = edges.map((edge) => edge.toPrecision(9)).join(); // the last places depend on who reckons
    if (key === this.key) return;
    this.key = key;
    this.home ??= key;
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      for (const count of TILE_COUNTS) {
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

  async fetchSheet(view, count, signal) {
    const { origin, u, v } = spans(this.toCode, view);
    const most = Math.max(1, Math.min(count, Math.floor(SHEET_BYTES / this.size)));
    const { columns, rows } = grid(view, most, origin.length === 1);
    const pixels = await this.fetchTiles(origin, u, v, columns, rows, signal);
    return { view, columns, rows, pixels, step: (view.x[1] - view.x[0]) / columns };
  }

  async fetchTiles(origin, u, v, columns, rows, signal) {
    const response = await fetch(`${this.address}&${gridQuery({ origin, u, v, columns, rows })}`, { signal });
    if (!response.ok) throw new Error(`${this.address}: ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }
}

// The part of code space in view: the code at its lower left, and the ways from there to the right and up.
export function spans(toCode, { x, y }) {
  const origin = toCode([x[0], y?.[0] ?? 0]);
  const difference = (place) => Array.from(toCode(place), (value, dim) => value - origin[dim]);
  const u = difference([x[1], y?.[0] ?? 0]);
  return { origin, u, v: origin.length === 1 ? [0] : difference([x[0], y[1]]) };
}

// Cells as nearly square on the plane as their number allows.
export function grid({ x, y }, most, isLine) {
  if (isLine) return { columns: Math.min(most, LINE_TILES), rows: 1 };
  const aspect = (x[1] - x[0]) / (y[1] - y[0]);
  const columns = Math.min(most, Math.max(1, Math.round(Math.sqrt(most * aspect))));
  return { columns, rows: Math.max(1, Math.floor(most / columns)) };
}

export function gridQuery({ origin, u, v, columns, rows }) {
  const text = (numbers) => Array.from(numbers, (number) => Number(number.toPrecision(9))).join(",");
  return `origin=${text(origin)}&u=${text(u)}&v=${text(v)}&columns=${columns}&rows=${rows}`;
}

function cell(value, [low, high], count) {
  return Math.min(count - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * count)));
}

function isWithin(value, [low, high]) {
  return low <= value && value <= high;
}
