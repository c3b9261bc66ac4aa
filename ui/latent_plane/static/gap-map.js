// The gap map: what is said of every place of the planes, one field at a time, as a colour beneath the points, with its
// scale and the way to the worst place. All planes are painted in one range, so that they can be compared.

import { grid, gridQuery, spans } from "./atlas.js";
import { button, element, fill, number } from "./dom.js";
import { channels, field } from "./raster.js";

const MOST_CELLS = 4096; // of a plane; the server gives no more
const STRENGTH = 0.9; // alpha of the worst
const PAUSE = 150; // ms that the view has to stand still

export class GapMap {
  shown = null; // the name of the field

  // `choose(name)` is called when the user wants another field, null for none, `worst(plane, code)` for the worst gap.
  constructor({ base, gaps, texts }, { choose, worst }) {
    Object.assign(this, { base, texts, worst, planes: [], sheets: new Map() });
    this.known = new Map(gaps.map((gap) => [gap.name, gap]));
    this.select = element("select");
    for (const { name, title } of [{ name: "", title: texts.no_gap }, ...gaps]) this.select.add(new Option(title, name));
    this.select.onchange = () => choose(this.select.value || null);
    const ends = { low: element("span"), high: element("span"), unit: element("small") };
    this.scale = { ...ends, bar: element("span", "latent-plane-gap-bar") };
    this.about = element("p");
    const label = element("label", "", `${texts.gaps} `, this.select);
    const scale = element("span", "latent-plane-gap-scale", ends.low, this.scale.bar, ends.high, ends.unit);
    this.buttons = element("span");
    this.details = [scale, this.buttons, this.about];
    this.element = element("div", "latent-plane-gap", label, ...this.details);
  }

  has(name) {
    return this.known.has(name);
  }

  // What it is painted on.
  of(planes) {
    this.planes = planes;
    const worst = (plane) => button("", fill(this.texts.worst_gap, { kind: plane.spec.title }), () => this.pin(plane));
    this.buttons.replaceChildren(...planes.map(worst));
    this.buttons.title = this.texts.worst_gap_help;
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
    const { values, columns, rows, view } = this.sheets.get(plane);
    if (!values || !this.range) return null;
    const [gap, surplus] = [plane.theme.gap, plane.theme.surplus].map(channels);
    const canvas = field({ columns, rows, values }, (value) => {
      const amount = this.amount(value);
      return [...(amount < 0 ? surplus : gap), 255 * STRENGTH * Math.abs(amount)];
    });
    return { canvas, x: view.x, y: plane.dims === 1 ? [0, plane.classes.length] : view.y };
  }

  // How much of a gap a value is, up to 1 for the worst; below 0 where it is too much of the good.
  amount(value) {
    const [low, high] = this.range;
    const { worst, middle } = this.known.get(this.shown);
    const limit = (share) => Math.min(1, Math.max(middle === null ? 0 : -1, share));
    if (middle !== null) return limit(Math.log(value / middle) / Math.log(worst === "low" ? low / middle : high / middle));
    return limit(worst === "low" ? (high - value) / (high - low || 1) : (value - low) / (high - low || 1));
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
    const place = spans((place) => plane.space.code(place, plane.through(plane)), view);
    const { columns, rows } = grid(view, MOST_CELLS, plane.dims === 1);
    const query = `field=${this.shown}&${gridQuery({ ...place, columns, rows })}`;
    const response = await fetch(`${this.base}/${plane.spec.gap_map}&${query}`, { signal });
    if (!response.ok) throw new Error(await response.text());
    const numbers = new Float32Array(await response.arrayBuffer());
    const start = numbers.length - columns * rows;
    const worst = Array.from(numbers.subarray(2, start));
    return { view, columns, rows, low: numbers[0], high: numbers[1], worst, values: numbers.subarray(start) };
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
    for (const part of this.details) part.hidden = !this.shown;
    if (!this.shown) return;
    const { unit, about, worst, middle } = this.known.get(this.shown);
    const sheets = [...this.sheets.values()];
    const reason = sheets.find(({ error }) => error)?.error;
    this.about.textContent = reason ? fill(this.texts.gap_failed, { reason }) : about;
    this.scale.unit.textContent = unit;
    this.scale.bar.dataset.scale = middle === null ? worst : "both";
    const { range } = this;
    const values = sheets.flatMap(({ values }) => (values ? Array.from(values) : []));
    const beyond = range && [values.some((value) => value < range[0]), values.some((value) => value > range[1])];
    this.scale.low.textContent = range ? `${beyond[0] ? "≤ " : ""}${number(range[0], 2)}` : "…";
    this.scale.high.textContent = range ? `${beyond[1] ? "≥ " : ""}${number(range[1], 2)}` : "…";
    this.planes.forEach((plane, at) => (this.buttons.children[at].disabled = !this.sheets.get(plane)?.worst));
  }

  pin(plane) {
    this.worst(plane, this.sheets.get(plane).worst);
  }
}
