// The gap map: what is said of every place of the planes, one field at a time, as a colour beneath the points, with its
// scale and the way to the worst place. All planes are painted in one range, so that they can be compared.

import { grid, gridQuery, spans } from "./atlas.js";
import { button, element, fill, messageOf } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { channels, field, over } from "../shared/raster.js";

/** @import { AreaView } from "../shared/area.js" */
/** @import { Colour } from "../shared/raster.js" */
/** @import { Cells, Span } from "./atlas.js" */
/** @import { Gap, Scene } from "./data.d.ts" */
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
 * @typedef {object} Sheet what is known of a plane
 * @property {string} key of the view that is looked at
 * @property {AbortController} loading
 * @property {string | null} error
 * @property {boolean} isDone
 * @property {Painted & Span & Cells | null} found of this view or, meanwhile, the one before
 */

const STRENGTH = 0.9; // alpha of the worst
const FAR = 3; // from the prior's centre, in standard coordinates: it puts hardly any code beyond,
const VEIL = 0.28; // alpha of the grey that lies there, unlike either end of the scale, the good one above all,
const FAINT = 0.3; // and over it the map is only this strong
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
    this.shown = /** @type {string | null} */ (null); // the name of the field
    this.sheets = /** @type {Map<string, Sheet>} */ (new Map()); // by run
    this.known = new Map(gaps.map((gap) => [gap.name, gap]));
    this.select = element("select");
    for (const { name, title } of [{ name: "", title: texts.no_gap }, ...gaps]) this.select.add(new Option(title, name));
    this.select.onchange = () => on.choose(this.select.value || null);
    const ends = { low: element("span"), high: element("span"), unit: element("small") };
    this.scale = { ...ends, bar: element("span", "latent-plane-gap-bar") };
    this.about = element("p");
    this.pinning = new Map(planes.map(({ run, title }) => [run, button("", title, () => this.pin(run))]));
    const label = element("label", "", `${texts.gaps} `, this.select);
    this.figures = element("span", "latent-plane-gap-scale", ends.low, this.scale.bar, ends.high, ends.unit);
    this.buttons = element("span", "latent-plane-gap-worst", texts.worst_gap, ...this.pinning.values());
    this.buttons.setAttribute("role", "group");
    this.buttons.setAttribute("aria-label", texts.worst_gap);
    this.element = element("div", "latent-plane-gap", label, this.figures, this.buttons, this.about);
  }

  /** @param {string} name */
  has(name) {
    return this.known.has(name);
  }

  /**
   * From now on this field is painted, whenever the layers are drawn.
   * @param {string | null} name
   */
  show(name) {
    if (name !== this.shown) this.forget();
    this.shown = name;
    this.select.value = name ?? "";
    this.describe();
  }

  forget() {
    for (const { loading } of this.sheets.values()) loading.abort();
    this.sheets.clear();
  }

  /** @returns {Gap | null} */
  get gap() {
    return (this.shown && this.known.get(this.shown)) || null;
  }

  /**
   * The field on this plane as far as it is known; what is not is on its way, and then the layers are drawn again.
   * @param {Plane} plane
   * @returns {LayerImage | null}
   */
  image(plane) {
    const { gap } = this;
    if (!gap) return null;
    this.lookAt(plane, gap);
    const found = this.sheets.get(plane.spec.run)?.found;
    const { range } = this;
    if (!found || !range) return null;
    const { theme } = plane;
    const [red, blue, grey] = [theme.gap, theme.surplus, theme.text].map(channels);
    const canvas = field(found, (value, cell) => {
      const amount = amountOf(value, gap, range);
      /** @type {(strength: number) => Colour} */
      const colour = (strength) => [...(amount < 0 ? blue : red), 255 * strength * Math.abs(amount)];
      return isFar(found, cell) ? over(colour(STRENGTH * FAINT), [...grey, 255 * VEIL]) : colour(STRENGTH);
    });
    return { canvas, x: found.view.x, y: plane.dims === 1 ? [0, plane.classes.length] : found.view.y };
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
   * @returns {[low: number, high: number] | null}
   */
  get range() {
    const sheets = [...this.sheets.values()];
    const known = sheets.flatMap(({ found }) => found ?? []);
    if (!known.length || !sheets.every(({ found, isDone }) => found || isDone)) return null;
    return [Math.min(...known.map(({ low }) => low)), Math.max(...known.map(({ high }) => high))];
  }

  // The words and the scale beside the choice.
  describe() {
    const { gap, range } = this;
    const sheets = [...this.sheets.values()];
    const reason = sheets.find(({ error }) => error)?.error;
    this.figures.hidden = this.buttons.hidden = !gap || (!range && Boolean(reason));
    this.about.hidden = !gap;
    if (!gap) return;
    const { unit, about, worst, middle } = gap;
    const note = element("span", "latent-plane-gap-far", fill(this.texts.gap_note, { far: FAR }));
    this.about.replaceChildren(...(reason ? [fill(this.texts.gap_failed, { reason })] : [`${about} `, note]));
    this.scale.unit.textContent = unit;
    this.scale.bar.dataset.scale = middle === null ? worst : "both";
    const values = sheets.flatMap(({ found }) => (found ? Array.from(found.values) : []));
    const [low, high] = range ?? [NaN, NaN];
    const end = (/** @type {string} */ sign, /** @type {number} */ value, /** @type {boolean} */ isBeyond) =>
      range ? `${isBeyond ? sign : ""}${plain(value, 2)}` : "…";
    this.scale.low.textContent = end(
      "≤ ",
      low,
      values.some((value) => value < low),
    );
    this.scale.high.textContent = end(
      "≥ ",
      high,
      values.some((value) => value > high),
    );
    for (const [run, button] of this.pinning) button.disabled = !this.sheets.get(run)?.found;
  }

  /** @param {string} run */
  pin(run) {
    const found = this.sheets.get(run)?.found;
    if (found) this.on.worst(run, found.worst);
  }
}

/**
 * How much of a gap a value is, up to 1 for the worst; below 0 where it is too much of the good.
 * @param {number} value
 * @param {Gap} gap
 * @param {[low: number, high: number]} range
 */
function amountOf(value, { worst, middle, is_logarithmic: isLogarithmic }, [low, high]) {
  const limit = (/** @type {number} */ share) => Math.min(1, Math.max(middle === null ? 0 : -1, share));
  if (middle !== null) return limit(Math.log(value / middle) / Math.log(worst === "low" ? low / middle : high / middle));
  const scale = isLogarithmic && low > 0 ? Math.log : Number;
  const share = (scale(value) - scale(low)) / (scale(high) - scale(low) || 1);
  return limit(worst === "low" ? 1 - share : share);
}

/**
 * Whether a cell of a sheet, counted row by row from below, is where the prior puts hardly any code.
 * @param {Span & Cells & { space: Space }} sheet
 * @param {number} cell
 */
function isFar({ space, origin, u, v, columns, rows }, cell) {
  const across = ((cell % columns) + 0.5) / columns;
  const up = (Math.floor(cell / columns) + 0.5) / rows;
  const code = origin.map((value, dim) => value + across * u[dim] + up * v[dim]);
  return Math.hypot(...space.standardise(code)) > FAR;
}
