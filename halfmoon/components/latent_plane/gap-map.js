// The gap map: what is said of every place of the planes, one field at a time, as a colour beneath the points, with its
// scale and the way to the worst place. All planes are painted in one range, so that they can be compared.

import { grid, gridQuery, spans } from "./atlas.js";
import { button, element, fill, number } from "../shared/dom.js";
import { channels, field, over } from "../shared/raster.js";

const MOST_CELLS = 4096; // of a plane; the server gives no more
const STRENGTH = 0.9; // alpha of the worst
const FAR = 3; // from the prior's centre, in standard coordinates: it puts hardly any code beyond,
const VEIL = 0.28; // alpha of the grey that lies there, unlike either end of the scale, the good one above all,
const FAINT = 0.3; // and over it the map is only this strong
const PAUSE = 150; // ms that the view has to stand still

export class GapMap {
  shown = null; // the name of the field

  // `choose(name)` is called when the user wants another field, null for none, `worst(plane, code)` for the worst gap.
  constructor({ base, gaps, texts }, { choose, worst }) {
    Object.assign(this, { base, texts, worst, planes: [], pinning: new Map(), sheets: new Map() });
    this.known = new Map(gaps.map((gap) => [gap.name, gap]));
    this.select = element("select");
    for (const { name, title } of [{ name: "", title: texts.no_gap }, ...gaps]) this.select.add(new Option(title, name));
    this.select.onchange = () => choose(this.select.value || null);
    const ends = { low: element("span"), high: element("span"), unit: element("small") };
    this.scale = { ...ends, bar: element("span", "latent-plane-gap-bar") };
    this.about = element("p");
    const label = element("label", "", `${texts.gaps} `, this.select);
    this.figures = element("span", "latent-plane-gap-scale", ends.low, this.scale.bar, ends.high, ends.unit);
    this.buttons = element("span", "latent-plane-gap-worst", texts.worst_gap);
    this.buttons.setAttribute("role", "group");
    this.buttons.setAttribute("aria-label", texts.worst_gap);
    this.element = element("div", "latent-plane-gap", label, this.figures, this.buttons, this.about);
  }

  has(name) {
    return this.known.has(name);
  }

  // What it is painted on.
  of(planes) {
    this.planes = planes;
    this.pinning = new Map(planes.map((plane) => [plane, button("", plane.spec.title, () => this.pin(plane))]));
    this.buttons.append(...this.pinning.values());
  }

  // From now on this field is painted, whenever the layers are drawn.
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

  // The field on this plane as far as it is known; what is not is on its way, and then the layers are drawn again.
  image(plane) {
    if (!this.shown) return null;
    this.lookAt(plane);
    const sheet = this.sheets.get(plane);
    const { values, view } = sheet;
    if (!values || !this.range) return null;
    const { theme } = plane;
    const [gap, surplus, grey] = [theme.gap, theme.surplus, theme.text].map(channels);
    const canvas = field(sheet, (value, cell) => {
      const amount = this.amount(value);
      const colour = (strength) => [...(amount < 0 ? surplus : gap), 255 * strength * Math.abs(amount)];
      return isFar(sheet, cell) ? over(colour(STRENGTH * FAINT), [...grey, 255 * VEIL]) : colour(STRENGTH);
    });
    return { canvas, x: view.x, y: plane.dims === 1 ? [0, plane.classes.length] : view.y };
  }

  // How much of a gap a value is, up to 1 for the worst; below 0 where it is too much of the good.
  amount(value) {
    const [low, high] = this.range;
    const { worst, middle, is_logarithmic: isLogarithmic } = this.known.get(this.shown);
    const limit = (share) => Math.min(1, Math.max(middle === null ? 0 : -1, share));
    if (middle !== null) return limit(Math.log(value / middle) / Math.log(worst === "low" ? low / middle : high / middle));
    const scale = isLogarithmic && low > 0 ? Math.log : Number;
    const share = (scale(value) - scale(low)) / (scale(high) - scale(low) || 1);
    return limit(worst === "low" ? 1 - share : share);
  }

  async lookAt(plane) {
    const view = plane.view();
    const before = this.sheets.get(plane);
    const key = JSON.stringify(view);
    if (before?.key === key) return;
    before?.loading.abort();
    const loading = new AbortController();
    const sheet = { ...before, key, loading, error: null, isDone: false }; // what was seen before stays so long
    this.sheets.set(plane, sheet);
    try {
      if (before) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (loading.signal.aborted) return;
      Object.assign(sheet, await this.fetchSheet(plane, view, loading.signal));
    } catch (error) {
      if (loading.signal.aborted) return;
      sheet.error = error.message;
    }
    sheet.isDone = true;
    this.describe();
    for (const other of this.planes) other.drawLayers();
  }

  async fetchSheet(plane, view, signal) {
    const tiles = {
      ...spans((place) => plane.space.code(place, plane.through(plane)), view),
      ...grid(view, MOST_CELLS, plane.dims === 1),
    };
    const query = `field=${this.shown}&${gridQuery(tiles)}`;
    const response = await fetch(`${this.base}/${plane.spec.gap_map}&${query}`, { signal });
    if (!response.ok) throw new Error(await response.text());
    const numbers = new Float32Array(await response.arrayBuffer());
    const start = numbers.length - tiles.columns * tiles.rows;
    const [low, high, ...worst] = numbers.subarray(0, start);
    return { ...tiles, view, space: plane.space, low, high, worst, values: numbers.subarray(start) };
  }

  // The range of the colours, the same on all planes: null until all have answered.
  get range() {
    const sheets = [...this.sheets.values()];
    const known = sheets.filter(({ values }) => values);
    if (!known.length || !sheets.every(({ values, isDone }) => values || isDone)) return null;
    return [Math.min(...known.map(({ low }) => low)), Math.max(...known.map(({ high }) => high))];
  }

  // The words and the scale beside the choice.
  describe() {
    const sheets = [...this.sheets.values()];
    const reason = sheets.find(({ error }) => error)?.error;
    const { range } = this;
    this.figures.hidden = this.buttons.hidden = !this.shown || (!range && Boolean(reason));
    this.about.hidden = !this.shown;
    if (!this.shown) return;
    const { unit, about, worst, middle } = this.known.get(this.shown);
    const note = element("span", "latent-plane-gap-far", fill(this.texts.gap_note, { far: FAR }));
    this.about.replaceChildren(...(reason ? [fill(this.texts.gap_failed, { reason })] : [`${about} `, note]));
    this.scale.unit.textContent = unit;
    this.scale.bar.dataset.scale = middle === null ? worst : "both";
    const values = sheets.flatMap(({ values }) => (values ? Array.from(values) : []));
    const beyond = range && [values.some((value) => value < range[0]), values.some((value) => value > range[1])];
    this.scale.low.textContent = range ? `${beyond[0] ? "≤ " : ""}${number(range[0], 2)}` : "…";
    this.scale.high.textContent = range ? `${beyond[1] ? "≥ " : ""}${number(range[1], 2)}` : "…";
    for (const [plane, button] of this.pinning) button.disabled = !this.sheets.get(plane)?.worst;
  }

  pin(plane) {
    this.worst(plane, this.sheets.get(plane).worst);
  }
}

// Whether a cell of a sheet, counted row by row from below, is where the prior puts hardly any code.
function isFar({ space, origin, u, v, columns, rows }, cell) {
  const across = ((cell % columns) + 0.5) / columns;
  const up = (Math.floor(cell / columns) + 0.5) / rows;
  const code = origin.map((value, dim) => value + across * u[dim] + up * v[dim]);
  return Math.hypot(...space.standardise(code)) > FAR;
}
