// The planes side by side with their pictures: what is looked at on one plane is shown on all of them, at the same place
// in standard coordinates.

import { element, fill } from "../shared/dom.js";
import { Picture } from "../shared/picture.js";
import { Plane } from "./plane.js";
import { rest } from "./rest.js";

/** @import { Scene, View } from "./data.d.ts" */
/** @import { LayerImage } from "./layers.js" */
/** @import { Mark } from "./overlay.js" */
/** @import { Surroundings } from "./plane.js" */
/** @typedef {(plane: Plane, code: number[], point: number | null) => void} Choice */

export class Board {
  /**
   * @param {Scene} scene
   * @param {Set<number>} hidden labels that are not to be seen
   * @param {object} gaps
   * @param {(plane: Plane) => LayerImage | null} gaps.image
   * @param {string | null} gaps.shown
   * @param {(plane: Plane) => boolean} gaps.isComputing
   * @param {object} on
   * @param {() => void} on.ready a plane has images, or others than before
   * @param {Choice} on.choose
   * @param {(plane: Plane, indices: number[] | null) => void} on.select
   * @param {() => void} on.zoom the user looks at another part of a plane
   * @param {(codes: number[][] | null) => void} on.look codes under the pointer, one for each plane; null once it left
   * @param {(words: string) => void} on.announce
   */
  constructor(scene, hidden, gaps, on) {
    this.texts = scene.texts;
    this.on = on;
    this.isSlice = scene.planes[0].points.latent_dim > 2;
    this.view = /** @type {View | null} */ (null);
    this.codes = /** @type {number[][]} */ ([]); // of the view, on each plane
    this.hovered = /** @type {{ plane: Plane, code: number[], point: number | null } | null} */ (null);
    // While the pictures show what was drawn by hand: its code on each plane.
    this.drawn = /** @type {number[][] | null} */ (null);
    /** @type {Surroundings} */
    const surroundings = {
      hidden,
      gapImage: (plane) => gaps.image(plane),
      isMapped: () => gaps.shown !== null,
      isComputing: (plane) => gaps.isComputing(plane),
      through: (plane) => this.codes[this.planes.indexOf(plane)] ?? plane.space.slice.centre,
      landmarks: (plane) => (this.isSlice ? this.kept(plane).map((code) => plane.space.place(code)) : []),
    };
    /** @type {Plane[]} */
    this.planes = scene.planes.map(
      (spec) =>
        new Plane(spec, scene, surroundings, {
          ready: () => (this.refresh(), on.ready()),
          hover: (plane, code, point) => this.hover(plane, code, point),
          leave: () => this.leave(),
          choose: (plane, code, point) => on.choose(plane, code, point),
          select: (plane, indices) => on.select(plane, indices),
          zoom: () => on.zoom(),
          announce: (plane, name) => on.announce(fill(this.texts.announce, { at: this.headingOf(plane), name })),
        }),
    );
    this.pictures = scene.planes.map((spec) => new Picture(spec, this.texts));
    this.side = element("div", "latent-plane-pictures", ...this.pictures.map((picture) => picture.element));
    this.element = element("div", "latent-plane-planes", ...this.planes.map((plane) => plane.element), this.side);
    this.element.style.setProperty("--planes", String(this.planes.length));
    this.element.classList.toggle("alone", this.planes.length === 1);
  }

  // All planes answer the hand before Plotly is evaluated, which stops the page for a second.
  async load() {
    const all = (/** @type {"load" | "equip"} */ step) =>
      Promise.all(this.planes.map((plane) => plane[step]().catch((error) => plane.fail(error))));
    await all("load");
    if (!window.Plotly) await rest();
    await all("equip");
  }

  remove() {
    for (const plane of this.planes) plane.remove();
  }

  /**
   * From now on this is looked at.
   * @param {View} view
   */
  show(view) {
    if (this.view && placeOf(this.view) !== placeOf(view)) this.drawn = null;
    this.view = view;
    this.codes = this.linked(this.active(), view.code);
    this.hovered = null;
    this.planes.forEach((plane, at) => plane.see(view.zooms[at] ?? null));
  }

  // What each plane has in view; nothing where all are fitted as they usually are.
  get zooms() {
    const zooms = this.planes.map(({ viewport }) => viewport.zoom);
    return zooms.some((zoom) => zoom !== null) ? zooms : [];
  }

  // The plane that the view is of.
  active() {
    return this.planes.find((plane) => plane.spec.run === this.view?.run) ?? this.planes[this.planes.length - 1];
  }

  /**
   * The code at the same place in standard coordinates, for every plane.
   * @param {Plane} plane
   * @param {number[]} code
   */
  linked(plane, code) {
    const standard = plane.space.standardise(code);
    return this.planes.map((other) => (other === plane ? code : other.space.unstandardise(standard)));
  }

  /**
   * The codes of the kept places on a plane.
   * @param {Plane} plane
   */
  kept(plane) {
    return (this.view?.pins ?? []).map((standard) => plane.space.unstandardise(standard));
  }

  /**
   * @param {Plane} plane
   * @param {number[]} code
   * @param {number | null} point
   * @param {boolean} [isUnderPointer] which shows where it is
   */
  hover(plane, code, point, isUnderPointer = !plane.hand.cursor) {
    this.hovered = { plane, code, point };
    const codes = this.linked(plane, code);
    this.on.look(codes);
    this.planes.forEach((other, at) => {
      const isHere = other === plane;
      const place = other.space.place(codes[at]);
      other.overlay.show({
        cursor: isHere && isUnderPointer ? null : { kind: "cursor", place },
        ellipse: isHere ? posterior(plane, place, point) : null,
        twin: isHere ? null : twin(plane, other, point),
      });
      this.pictures[at].show(other.image(codes[at]), codes[at], isHere ? this.about(plane, point) : "");
    });
  }

  leave() {
    if (!this.hovered) return;
    this.hovered = null;
    this.on.look(null);
    this.refresh();
  }

  // Draws what is pinned, the pictures and the marks; of what is drawn by hand the pictures alone.
  refresh() {
    if (!this.view || this.hovered) return;
    const plane = this.active();
    const point = this.view.point === null ? null : (plane.points?.index(this.view.point) ?? null);
    this.planes.forEach((other, at) => {
      const isHere = other === plane;
      const place = other.space.place(this.codes[at]);
      other.overlay.show({
        cursor: null,
        ellipse: isHere ? posterior(plane, place, point) : null,
        twin: isHere ? null : twin(plane, other, point),
        pin: { kind: "pin", place },
        kept: this.kept(other).map((code, index) => ({ kind: "kept", place: other.space.place(code), label: index + 1 })),
      });
      const about = isHere ? this.about(plane, point) : "";
      const code = this.shown(at);
      this.pictures[at].show(other.image(code), code, this.drawn?.[at] ? this.texts.drawn : about);
      this.showExactly(at, code);
    });
  }

  /**
   * What an atlas shows is the nearest tile; of a code that stays the server decodes the very image.
   * @param {number} at
   * @param {number[]} code
   */
  async showExactly(at, code) {
    const { source } = this.planes[at];
    if (!source || !("fetchImage" in source)) return;
    const pixels = await source.fetchImage(code).catch(() => null);
    if (pixels && !this.hovered && this.shown(at) === code) this.pictures[at].paint(pixels);
  }

  /**
   * The code of which a plane's picture is, unless one hovers.
   * @param {number} at
   */
  shown(at) {
    return this.drawn?.[at] ?? this.codes[at];
  }

  /**
   * What has been drawn by hand is at this code of a plane; null for all planes once it is no more.
   * @param {number} at
   * @param {number[] | null} code
   */
  showDrawn(at, code) {
    this.drawn = code && Object.assign(this.drawn ?? [], { [at]: code });
    this.refresh();
  }

  /**
   * @param {Plane} plane
   * @param {number | null} point
   */
  about(plane, point) {
    if (point === null || !plane.points) return this.texts.empty;
    return fill(this.texts.point, { name: plane.className(point), number: plane.points.position(point) });
  }

  /** @param {Plane} plane */
  headingOf(plane) {
    return this.pictures[this.planes.indexOf(plane)].heading.textContent;
  }
}

/**
 * The posterior of a point, for a model that has one.
 * @param {Plane} plane
 * @param {number[]} place
 * @param {number | null} point
 * @returns {Mark | null}
 */
function posterior(plane, place, point) {
  const variances = point === null ? null : plane.points?.variances(point);
  return variances ? { kind: "ellipse", place, covariance: plane.space.covariance(variances) } : null;
}

/**
 * Where the other model puts the same test image, if it has it.
 * @param {Plane} plane
 * @param {Plane} other
 * @param {number | null} point
 * @returns {Mark | null}
 */
function twin(plane, other, point) {
  if (point === null || !plane.points || !other.points) return null;
  const index = other.points.index(plane.points.position(point));
  if (index < 0 || index >= other.points.count) return null;
  return { kind: "twin", place: other.space.place(other.points.code(index)) };
}

/**
 * Where a view looks.
 * @param {View} view
 */
function placeOf({ run, code, point }) {
  return JSON.stringify([run, code, point]);
}
