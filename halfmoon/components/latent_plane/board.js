// The planes side by side with their pictures: what is looked at on one plane is shown on all of them, at the same place
// in standard coordinates.

import { element, fill } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { Picture } from "../shared/picture.js";
import { Plane } from "./plane.js";
import { rest } from "./rest.js";

/** @import { Pin, Scene, View } from "./data.d.ts" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { Known } from "./gap-scale.js" */
/** @import { Population } from "./journey.js" */
/** @import { LayerImage } from "./layers.js" */
/** @import { Mark } from "./overlay.js" */
/** @import { OwnImages } from "./own-images.js" */
/** @import { Corner } from "./selection.js" */
/** @import { Surroundings } from "./surroundings.d.ts" */
/** @typedef {(plane: Plane, code: number[], point: number | null) => void} Choice */

export class Board {
  /**
   * @param {Scene} scene
   * @param {Set<number>} hidden labels that are not to be seen
   * @param {object} gaps
   * @param {(plane: Plane, theme?: Theme) => LayerImage | null} gaps.image
   * @param {Known} gaps.known
   * @param {Promise<void>} gaps.work
   * @param {string | null} gaps.shown
   * @param {(plane: Plane) => boolean} gaps.isComputing
   * @param {OwnImages} own
   * @param {Population[]} before what other planes have shown in their place
   * @param {object} on
   * @param {() => void} on.ready a plane has images, or others than before
   * @param {Choice} on.choose
   * @param {(plane: Plane, outline: Corner[]) => void} on.select
   * @param {() => void} on.zoom the user looks at another part of a plane
   * @param {(codes: number[][] | null, images: (Float32Array | null)[]) => void} on.look codes under the pointer, one for
   *   each plane, and what is decoded there; null once it left
   * @param {(words: string) => void} on.announce
   */
  constructor(scene, hidden, gaps, own, before, on) {
    this.texts = scene.texts;
    this.near = scene.near;
    this.on = on;
    this.isSlice = scene.planes[0].points.latent_dim > 2;
    this.view = /** @type {View | null} */ (null);
    this.codes = /** @type {number[][]} */ ([]); // of the view, on each plane
    this.hovered = /** @type {{ plane: Plane, code: number[], point: number | null } | null} */ (null);
    this.own = own;
    /** @type {Surroundings} */
    const surroundings = {
      hidden,
      gapImage: (plane, theme) => gaps.image(plane, theme),
      gapSettled: () => gaps.work,
      gapKnown: () => gaps.known,
      isMapped: () => gaps.shown !== null,
      isComputing: (plane) => gaps.isComputing(plane),
      before: ({ spec }) => before.find(({ kind }) => kind === spec.kind) ?? before.at(-1) ?? null,
      through: (plane) => this.codes[this.planes.indexOf(plane)] ?? plane.space.slice.centre,
      landmarks: (plane) => (this.isSlice ? this.kept(plane).map(({ place }) => place) : []),
    };
    /** @type {Plane[]} */
    this.planes = scene.planes.map(
      (spec) =>
        new Plane(spec, scene, surroundings, {
          ready: () => (this.refresh(), on.ready()),
          hover: (plane, code, point) => this.hover(plane, code, point),
          leave: () => this.leave(),
          choose: (plane, code, point) => on.choose(plane, code, point),
          select: (plane, outline) => on.select(plane, outline),
          zoom: () => on.zoom(),
          announce: (plane, name) => on.announce(fill(this.texts.announce, { at: this.headingOf(plane), name })),
        }),
    );
    this.pictures = scene.planes.map((spec) => new Picture(spec, this.texts));
    this.side = element("div", "latent-plane-pictures", ...this.pictures.map((picture) => picture.element));
    this.aside = element("div", "latent-plane-aside"); // what moves the code, beneath the pictures
    const side = element("div", "latent-plane-side", this.side, this.aside);
    this.element = element("div", "latent-plane-planes", ...this.planes.map((plane) => plane.element), side);
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
    this.view = view;
    this.codes = this.codesOf(view);
    this.hovered = null;
    for (const plane of this.planes) plane.thumbnail.hide();
    this.planes.forEach((plane, at) => plane.see(view.zooms[at] ?? null));
  }

  // The codes that the planes show.
  get populations() {
    return this.planes.flatMap(({ journey }) => journey.population ?? []);
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
   * The code of a view on each plane: of an image of one's own the one that the plane's model gives it.
   * @param {View} view
   */
  codesOf({ code, image }) {
    const codes = this.linked(this.active(), code);
    return image ? this.planes.map((plane, at) => this.own.encoded(plane, image)?.mu ?? codes[at]) : codes;
  }

  /**
   * The code of a saved place on a plane; null while the server has yet to encode its image.
   * @param {Plane} plane
   * @param {Pin} pin
   */
  codeOf(plane, pin) {
    return typeof pin === "string" ? (this.own.encoded(plane, pin)?.mu ?? null) : plane.space.unstandardise(pin);
  }

  /**
   * The marks of the saved places on a plane.
   * @param {Plane} plane
   * @returns {Mark[]}
   */
  kept(plane) {
    return (this.view?.pins ?? []).flatMap((pin, index) => {
      const code = this.codeOf(plane, pin);
      return code ? [{ kind: "kept", place: plane.space.place(code), label: index + 1 }] : [];
    });
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
    const images = this.planes.map((other, at) => other.image(codes[at]));
    this.on.look(codes, images);
    this.planes.forEach((other, at) => {
      const isHere = other === plane;
      const place = other.space.place(codes[at]);
      other.overlay.show({
        cursor: isHere && isUnderPointer ? null : { kind: "cursor", place },
        ellipse: isHere ? posterior(plane, place, point) : null,
        twin: isHere ? null : twin(plane, other, point),
      });
      this.pictures[at].show(images[at], codes[at], isHere ? this.about(plane, code, point) : "");
      other.thumbnail.show(images[at], place, isHere && isUnderPointer && plane.hand.isFinger);
    });
  }

  leave() {
    if (!this.hovered) return;
    this.hovered = null;
    for (const plane of this.planes) plane.thumbnail.hide();
    this.on.look(null, []);
    this.refresh();
  }

  // Draws what is looked at, the pictures and the marks.
  refresh() {
    if (!this.view || this.hovered) return;
    const { image, point: position } = this.view;
    const plane = this.active();
    const point = position === null ? null : (plane.points?.index(position) ?? null);
    this.planes.forEach((other, at) => {
      const isHere = other === plane;
      const code = this.codes[at];
      const place = other.space.place(code);
      other.overlay.show({
        cursor: null,
        ellipse: image ? this.spread(other, place, image) : isHere ? posterior(plane, place, point) : null,
        twin: isHere ? null : twin(plane, other, point),
        pin: { kind: image ? "drawn" : "pin", place },
        kept: this.kept(other),
      });
      const about = isHere ? this.about(plane, code, point) : "";
      this.pictures[at].show(other.image(code), code, image ? this.texts.drawn : about);
      this.showExactly(at, code);
    });
  }

  /**
   * The posterior of an image of one's own, for a model that has one.
   * @param {Plane} plane
   * @param {number[]} place
   * @param {string} image
   * @returns {Mark | null}
   */
  spread(plane, place, image) {
    const variances = this.own.encoded(plane, image)?.log_var?.map(Math.exp);
    if (!variances) return null;
    return { kind: "ellipse", place, covariance: plane.space.covariance(variances), className: "drawn" };
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
    if (pixels && !this.hovered && this.codes[at] === code) this.pictures[at].paint(pixels);
  }

  /**
   * What is at a place: a test image, or so many codes.
   * @param {Plane} plane
   * @param {number[]} code
   * @param {number | null} point
   */
  about(plane, code, point) {
    const { points, crowd } = plane;
    if (point !== null && points) {
      return fill(this.texts.point, { name: plane.className(point), number: points.position(point) });
    }
    const count = crowd?.near(code, this.near) ?? 0;
    return count ? fill(this.texts.crowd, { count: count.toLocaleString(), radius: plain(this.near) }) : this.texts.empty;
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
