// A page's planes side by side with what belongs to them: pictures, pins, layers, the drawing pad.
// It holds the view and shows a change of it at once; the server is told, so that the URL holds it too.

import { afterFrame, button, element, fill, rounded } from "../shared/dom.js";
import { Drawing } from "./drawing.js";
import { GapMap } from "./gap-map.js";
import { hint } from "./hint.js";
import { look } from "./look.js";
import { Picture } from "../shared/picture.js";
import { Pins } from "./pins.js";
import { Plane } from "./plane.js";
import { rest } from "./rest.js";
import { Sheet } from "./sheet.js";
import { toggles } from "../shared/toggles.js";

const ANSWERED = 100; // milliseconds: by then a click is drawn and answered

// Called by every run of the page.
export function show(root, data, report) {
  root.explorer ??= new Explorer(root);
  root.explorer.show(data, report);
}

// Called when the page is left, and before it is shown anew: only an element that has gone is cleared.
export function leave(root) {
  setTimeout(() => root.isConnected || root.explorer?.clear(), 1000);
}

class Explorer {
  constructor(root) {
    this.root = root;
    this.planes = [];
    this.drawn = null; // while the pictures show what was drawn by hand: its code on each plane
    this.told = []; // views that the server has been told of and has not answered yet
  }

  show(data, report) {
    this.report = report;
    const { view, ...rest } = data;
    const description = JSON.stringify(rest);
    if (description !== this.description) {
      this.description = description;
      this.build(rest);
      this.told = [];
    }
    const answered = this.told.indexOf(JSON.stringify(view));
    this.told.splice(0, answered + 1);
    this.root.ariaBusy = this.told.length > 0;
    if (answered === -1) this.adopt(view); // the URL says so; else it is what is shown already, or was overtaken
  }

  build(data) {
    this.clear();
    Object.assign(this, { data, codes: null });
    const { texts, classes, base } = data;
    this.hidden = new Set();
    const on = {
      ready: () => (this.refresh(), this.showPins()),
      hover: (plane, code, point) => this.hover(plane, code, point),
      leave: (plane) => this.leaveHover(plane),
      choose: (plane, code, point) => this.choose(plane, code, point),
      select: (plane, indices) => this.select(plane, indices),
      announce: (plane, className) => this.announce(plane, className),
    };
    const through = (plane) => this.codes?.[this.planes.indexOf(plane)] ?? plane.spec.space.slice.centre;
    const landmarks = (plane) => (this.isSlice() ? this.kept().map((codes) => plane.space.place(codes(plane))) : []);
    this.gaps = new GapMap(data, {
      choose: (gap) => this.showOnly((name) => (this.gaps.has(name) ? name === gap : this.view.layers.includes(name))),
      worst: (plane, code) => (this.choose(plane, code, null), plane.reveal(plane.space.place(code))),
    });
    const given = { base, classes, texts, hidden: this.hidden, gaps: this.gaps, through, landmarks, on };
    this.planes = data.planes.map((spec) => new Plane(spec, given));
    this.gaps.of(this.planes);
    this.pictures = data.planes.map((spec) => new Picture(spec, texts));
    this.pins = new Pins(texts, {
      change: (pins) => this.change({ pins }),
      open: (standard) => this.open(standard),
    });
    this.sheet = new Sheet(texts);
    this.live = element("p", "latent-plane-live");
    this.live.setAttribute("aria-live", "polite");
    this.keep = button("latent-plane-keep", texts.keep, () => this.keepPin());
    const legend = toggles(
      "latent-plane-legend",
      texts.legend,
      classes.map(({ name, colour }, key) => ({ key, name, colour })),
      (label) => !this.hidden.has(label),
      (label) => this.toggleClass(label),
    );
    this.layerRow = element("div");
    const side = element("div", "latent-plane-pictures", ...this.pictures.map((picture) => picture.element), this.keep);
    const boards = element("div", "latent-plane-planes", ...this.planes.map((plane) => plane.element), side);
    boards.style.setProperty("--planes", this.planes.length);
    boards.classList.toggle("alone", this.planes.length === 1);
    const below = element("div", "latent-plane-below", legend, this.layerRow);
    const maps = data.gaps.length ? [this.gaps.element] : [];
    this.root.replaceChildren(boards, below, ...maps, this.sheet.element, this.pins.element, this.live);
    const steps = hint(texts);
    if (steps) this.root.prepend(steps);
    if (data.drawing) {
      this.drawing = new Drawing(this, data.drawing);
      below.append(this.drawing.button);
      below.after(this.drawing.pad.element);
    }
    this.load(this.planes);
  }

  // All planes answer the hand before Plotly is evaluated, which stops the page for a second.
  async load(planes) {
    const all = (step) => Promise.all(planes.map((plane) => plane[step]().catch((error) => plane.fail(error))));
    await all("load");
    if (!window.Plotly) await rest();
    await all("equip");
  }

  clear() {
    for (const plane of this.planes) plane.remove();
    this.gaps?.forget();
    this.planes = [];
    this.view = null;
    this.root.replaceChildren();
  }

  // From now on this is the view, wherever it came from.
  adopt(view) {
    const before = this.view;
    this.view = view;
    if (before && placeOf(before) !== placeOf(view)) this.drawn = null;
    afterFrame(() => look(view)); // the server's work would take the frame's time
    this.codes = this.linked(this.active(), view.code);
    this.hovered = null;
    if (before?.layers.join() !== view.layers.join() || !this.layerRow.childElementCount) this.showLayers();
    else if (this.isSlice()) for (const plane of this.planes) plane.drawLayers(view.layers);
    this.refresh();
    if (JSON.stringify(before?.pins) !== JSON.stringify(view.pins)) this.showPins();
  }

  // A change of the view by the user.
  change(change) {
    const view = { ...this.view, ...change };
    this.adopt(view);
    this.told.push(JSON.stringify(view));
    this.root.ariaBusy = true;
    setTimeout(() => this.report(view), ANSWERED); // a run of the page would hold the answer up
  }

  active() {
    return this.planes.find((plane) => plane.spec.run === this.view.run) ?? this.planes.at(-1);
  }

  isSlice() {
    return this.data.planes[0].points.latent_dim > 2;
  }

  // The code at the same place in standard coordinates, for every plane.
  linked(plane, code) {
    const standard = plane.space.standardise(code);
    return this.planes.map((other) => (other === plane ? code : other.space.unstandardise(standard)));
  }

  hover(plane, code, point) {
    this.hovered = { plane, code, point };
    const codes = this.linked(plane, code);
    const variances = point === null ? null : plane.points.variances(point);
    this.planes.forEach((other, at) => {
      const isHere = other === plane;
      const place = other.space.place(codes[at]);
      const twin = !isHere && point !== null ? this.twin(plane, other, point) : null;
      other.overlay.show({
        cursor: isHere && !plane.cursor ? null : { kind: "cursor", place },
        ellipse: isHere && variances ? { kind: "ellipse", place, covariance: plane.space.covariance(variances) } : null,
        twin: twin && { kind: "twin", place: twin },
      });
      this.pictures[at].show(other.image(codes[at]), codes[at], isHere ? this.about(plane, point) : "");
    });
  }

  // Where the other model puts the same test image, if it has it.
  twin(plane, other, point) {
    const index = other.points?.index(plane.points.position(point)) ?? -1;
    return index >= 0 && index < other.points.count ? other.space.place(other.points.code(index)) : null;
  }

  leaveHover(plane) {
    plane.cursor = null;
    if (!this.hovered) return;
    this.hovered = null;
    this.refresh();
  }

  choose(plane, code, point) {
    const chosen = point === null ? rounded(code) : code;
    const position = point === null ? null : plane.points.position(point);
    this.change({ run: plane.spec.run, code: chosen, point: position });
  }

  open(standard) {
    const plane = this.active();
    this.change({ code: rounded(plane.space.unstandardise(standard)), point: null });
  }

  keepPin() {
    if (this.view.pins.length >= this.data.most_pins) return;
    const plane = this.active();
    const standard = rounded(plane.space.standardise(this.shown(this.planes.indexOf(plane))));
    this.change({ pins: [...this.view.pins, standard] });
  }

  // The code of which a plane's picture is, unless one hovers.
  shown(at) {
    return this.drawn?.[at] ?? this.codes[at];
  }

  // What has been drawn by hand is at this code of a plane; null for all planes once it is no more.
  showDrawn(at, code) {
    this.drawn = code && Object.assign(this.drawn ?? [], { [at]: code });
    this.refresh();
  }

  // For each kept place its code in a plane.
  kept() {
    return (this.view?.pins ?? []).map((standard) => (plane) => plane.space.unstandardise(standard));
  }

  // Draws what is pinned, the pictures and the marks; of what is drawn by hand the pictures alone.
  refresh() {
    if (!this.view || this.hovered) return;
    const plane = this.active();
    const point = this.view.point === null ? null : (plane.points?.index(this.view.point) ?? null);
    const kept = this.kept();
    this.planes.forEach((other, at) => {
      const variances = other === plane && point !== null ? plane.points.variances(point) : null;
      const place = other.space.place(this.codes[at]);
      const twin = other !== plane && point !== null ? this.twin(plane, other, point) : null;
      other.overlay.show({
        cursor: null,
        ellipse: variances && { kind: "ellipse", place, covariance: other.space.covariance(variances) },
        twin: twin && { kind: "twin", place: twin },
        pin: { kind: "pin", place },
        kept: kept.map((code, index) => ({ kind: "kept", place: other.space.place(code(other)), label: index + 1 })),
      });
      const about = other === plane ? this.about(plane, point) : "";
      const code = this.shown(at);
      this.pictures[at].show(other.image(code), code, this.drawn?.[at] ? this.data.texts.drawn : about);
      if (other.source?.exact === false) this.showExactly(at, code);
    });
  }

  // The strip of kept places, each decoded by every plane.
  showPins() {
    if (!this.view) return;
    const { pins } = this.view;
    const { texts, most_pins: most } = this.data;
    this.pins.show(pins, (standard) =>
      this.planes.map((plane) => {
        const code = plane.space.unstandardise(standard);
        return { spec: plane.spec, code, pixels: plane.image(code)?.slice() };
      }),
    );
    this.keep.disabled = pins.length >= most;
    this.keep.title = this.keep.disabled ? fill(texts.pins_full, { count: most }) : "";
  }

  // What an atlas shows is the nearest tile; of a code that stays the server decodes the very image.
  async showExactly(at, code) {
    const pixels = await this.planes[at].source.fetchImage(code).catch(() => null);
    if (pixels && !this.hovered && this.shown(at) === code) this.pictures[at].paint(pixels);
  }

  about(plane, point) {
    const { texts } = this.data;
    if (point === null || !plane.points) return texts.empty;
    return fill(texts.point, { name: plane.className(point), number: plane.points.position(point) });
  }

  announce(plane, className) {
    const at = this.pictures[this.planes.indexOf(plane)].heading.textContent;
    this.live.textContent = fill(this.data.texts.announce, { at, name: className });
  }

  toggleClass(label) {
    this.hidden.has(label) ? this.hidden.delete(label) : this.hidden.add(label);
    for (const plane of this.planes) plane.toggle(label);
  }

  showLayers() {
    const { texts, layers } = this.data;
    const own = layers.filter((name) => !this.gaps.has(name));
    const entries = own.map((key) => ({ key, name: texts[`layer_${key}`] }));
    const row = toggles(
      "latent-plane-layers",
      texts.layers,
      entries,
      (key) => this.view.layers.includes(key),
      (key) => this.showOnly((name) => this.view.layers.includes(name) !== (name === key)),
    );
    this.layerRow.replaceWith(row);
    this.layerRow = row;
    this.gaps.show(this.view.layers.find((name) => this.gaps.has(name)) ?? null);
    for (const plane of this.planes) plane.drawLayers(this.view.layers);
  }

  showOnly(isShown) {
    this.change({ layers: this.data.layers.filter(isShown) });
  }

  select(plane, indices) {
    this.sheet.show(plane, indices);
  }
}

// Where a view looks.
function placeOf({ run, code, point }) {
  return JSON.stringify([run, code, point]);
}
