// The gap map: what is said of every place of the planes, one field at a time, as a colour beneath the points, with its
// scale and the way to the worst place. All planes are painted in one range, so that they can be compared.

import { grid, gridQuery, spans } from "./atlas.js";
import { messageOf } from "../shared/dom.js";
import { menu, popup } from "../shared/popup.js";
import { FAR, gapImage } from "./gap-image.js";
import { GapScale } from "./gap-scale.js";

/** @import { AreaView, Range } from "../shared/area.js" */
/** @import { Cells, Span } from "./atlas.js" */
/** @import { Gap, Scene } from "./data.d.ts" */
/** @import { Known } from "./gap-scale.js" */
/** @import { LayerImage } from "./layers.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Space } from "./space.js" */
/**
 * @typedef {object} Painted
 * @property {AreaView} view
 * @property {Space} space
 * @property {number} low
 * @property {number} high
 * @property {number[]} worst the code of the worst place
 * @property {Float32Array} values
 *
 * @typedef {Painted & Span & Cells} Found
 *
 * @typedef {object} Sheet what is known of a plane
 * @property {string} key of the view that is looked at
 * @property {AbortController} loading
 * @property {string | null} error
 * @property {boolean} isDone
 * @property {Found | null} found of this view or, meanwhile, the one before
 */

const PAUSE = 150; // ms that the view has to stand still

export class GapMap {
  /**
   * @param {Scene} scene
   * @param {object} on
   * @param {(name: string | null) => void} on.choose the user wants another field, null for none
   * @param {(run: string, code: number[]) => void} on.worst and the worst gap of a run
   * @param {() => void} on.change there is more to be painted
   */
  constructor({ base, gaps, planes, texts, max_tiles: maxCells }, on) {
    this.base = base;
    this.texts = texts;
    this.maxCells = maxCells; // of a plane
    this.on = on;
    this.work = Promise.resolve(); // that is under way
    this.shown = /** @type {string | null} */ (null); // the name of the field
    this.sheets = /** @type {Map<string, Sheet>} */ (new Map()); // by run
    this.fields = new Map(gaps.map((gap) => [gap.name, gap]));
    const entries = gaps.map(({ name, title, about }) => ({ key: name, name: title, about }));
    const none = { key: null, name: texts.no_gap, about: "" };
    this.menu = menu(texts.gaps, [none, ...entries], () => this.shown, on.choose);
    this.pill = popup("latent-plane-gap-choice", texts.gaps, this.menu);
    this.pill.setAttribute("aria-haspopup", "menu");
    this.scale = new GapScale(texts, planes, (run) => this.pin(run));
  }

  /** @param {string} name */
  has(name) {
    return this.fields.has(name);
  }

  /**
   * From now on this field is painted, whenever the layers are drawn.
   * @param {string | null} name
   */
  show(name) {
    if (name !== this.shown) this.forget();
    this.shown = name;
    this.pill.ariaLabel = this.gap ? `${this.texts.gaps}: ${this.gap.title}` : this.texts.gaps;
    this.pill.classList.toggle("on", this.gap !== null);
    this.describe();
  }

  forget() {
    for (const { loading } of this.sheets.values()) loading.abort();
    this.sheets.clear();
  }

  /** @returns {Gap | null} */
  get gap() {
    return (this.shown && this.fields.get(this.shown)) || null;
  }

  /**
   * The field on this plane as far as it is known; what is not is on its way, and then the layers are drawn again.
   * @param {Plane} plane
   * @returns {LayerImage | null}
   */
  image(plane, theme = plane.theme) {
    const { gap } = this;
    if (!gap) return null;
    this.work = Promise.all([this.work, this.lookAt(plane, gap)]).then(() => {});
    const found = this.sheets.get(plane.spec.run)?.found;
    const { range } = this;
    if (!found || !range) return null;
    const isPlane = plane.dims === 2;
    const y = isPlane ? found.view.y : /** @type {Range} */ ([0, plane.classes.length]);
    return { canvas: gapImage(found, gap, range, plane, theme), x: found.view.x, y, isAbove: isPlane };
  }

  /**
   * Whether the plane is still to get what it shows.
   * @param {Plane} plane
   */
  isComputing({ spec }) {
    const sheet = this.sheets.get(spec.run);
    return sheet !== undefined && (!sheet.isDone || (!this.range && this.isWaiting));
  }

  get isWaiting() {
    return [...this.sheets.values()].some(({ isDone }) => !isDone);
  }

  /**
   * @param {Plane} plane
   * @param {Gap} gap
   */
  async lookAt(plane, gap) {
    const view = plane.view();
    const before = this.sheets.get(plane.spec.run);
    const key = JSON.stringify(view);
    if (before?.key === key) return;
    before?.loading.abort();
    const loading = new AbortController();
    /** @type {Sheet} */
    const sheet = { key, loading, error: null, isDone: false, found: before?.found ?? null };
    this.sheets.set(plane.spec.run, sheet);
    try {
      if (before) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (loading.signal.aborted) return;
      sheet.found = await this.fetchSheet(plane, gap, view, loading.signal);
    } catch (error) {
      if (loading.signal.aborted) return;
      sheet.error = messageOf(error);
    }
    sheet.isDone = true;
    this.describe();
    this.on.change();
  }

  /**
   * @param {Plane} plane
   * @param {Gap} gap
   * @param {AreaView} view
   * @param {AbortSignal} signal
   */
  async fetchSheet(plane, gap, view, signal) {
    const tiles = {
      ...spans((place) => plane.codeAt(place), view),
      ...grid(view, this.maxCells, plane.dims === 1),
    };
    const query = `field=${gap.name}&${gridQuery(tiles)}`;
    const response = await fetch(`${this.base}/${plane.spec.gap_map}&${query}`, { signal });
    if (!response.ok) throw new Error(await response.text());
    const numbers = new Float32Array(await response.arrayBuffer());
    const start = numbers.length - tiles.columns * tiles.rows;
    const [low, high, ...worst] = numbers.subarray(0, start);
    return { ...tiles, view, space: plane.space, low, high, worst, values: numbers.subarray(start) };
  }

  /**
   * The range of the colours, the same on all planes: null until all have answered.
   * @returns {Range | null}
   */
  get range() {
    const sheets = [...this.sheets.values()];
    const known = sheets.flatMap(({ found }) => found ?? []);
    if (!known.length || !sheets.every(({ found, isDone }) => found || isDone)) return null;
    return [Math.min(...known.map(({ low }) => low)), Math.max(...known.map(({ high }) => high))];
  }

  /** @returns {Known} what is known of the map */
  get known() {
    const { gap, range } = this;
    const sheets = [...this.sheets.values()];
    return {
      gap,
      range,
      isBeyond: beyond(range, sheets.flatMap(({ found }) => found ?? [])),
      reason: sheets.find(({ error }) => error)?.error ?? undefined,
      isFound: (run) => Boolean(this.sheets.get(run)?.found),
    };
  }

  // The words and the scale.
  describe() {
    this.scale.show(this.known);
  }

  /** @param {string} run */
  pin(run) {
    const found = this.sheets.get(run)?.found;
    if (found) this.on.worst(run, found.worst);
  }
}

/**
 * Whether values that are painted lie beyond each end of the range.
 * @param {Range | null} range
 * @param {Found[]} all
 * @returns {[low: boolean, high: boolean]}
 */
function beyond(range, all) {
  if (!range) return [false, false];
  const seen = all.flatMap((found) => Array.from(found.values).filter((_, cell) => !isFar(found, cell)));
  return [seen.some((value) => value < range[0]), seen.some((value) => value > range[1])];
}

/**
 * Whether a cell of a sheet, counted row by row from below, is where the prior puts hardly any code.
 * @param {Found} sheet
 * @param {number} cell
 */
function isFar({ space, origin, u, v, columns, rows }, cell) {
  const across = ((cell % columns) + 0.5) / columns;
  const up = (Math.floor(cell / columns) + 0.5) / rows;
  const code = origin.map((value, dim) => value + across * u[dim] + up * v[dim]);
  return Math.hypot(...space.standardise(code)) > FAR;
}
