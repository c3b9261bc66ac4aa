// Where the dots of a plane are shown: where its own model puts the test images, or where another model does, at the
// same place in standard coordinates; and the way from one to the other.

import { Glide, isSkipped } from "../shared/glide.js";

/** @import { Places } from "../shared/glide.js" */
/** @import { Crowd } from "./crowd.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Points } from "./points.js" */
/** @typedef {{ points: Points, crowd: Crowd, kind: string }} Population the codes of test images, and of what kind of model */

export class Journey {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.places = /** @type {Places | null} */ (null); // that are shown, where they are not the plane's own
    this.host = /** @type {Population | null} */ (null); // that the dots stay with
    this.glide = new Glide((places) => this.show(places));
  }

  // Where its own model puts the test images.
  get home() {
    const { xs, ys } = this.plane;
    return { xs, ys };
  }

  get shown() {
    return this.places ?? this.home;
  }

  /** @returns {Population | null} */
  get population() {
    const { points, crowd, spec } = this.plane;
    return points && crowd && { points, crowd, kind: spec.kind };
  }

  /**
   * The plane shows these instead of other codes: its dots begin where those were.
   * @param {Population | null} before
   */
  arrive(before) {
    if (!before || before.points === this.plane.points || !this.hasSame(before) || isSkipped(this.home)) return;
    this.show(this.placesOf(before));
  }

  /** @param {Population | null} host that the dots go to and stay with; null for its own model's places */
  go(host = null) {
    this.host = host;
    this.glide.go(this.shown, host ? this.placesOf(host) : this.home);
  }

  /** @param {Places} places */
  show(places) {
    const { plane } = this;
    this.places = places.xs === plane.xs ? null : places;
    plane.dots.move(places.xs, places.ys);
    plane.drawDots();
  }

  // The plane is laid anew, in another theme: so are its guests.
  lay() {
    this.glide.end();
    if (this.host) this.places = this.placesOf(this.host);
    else if (this.plane.isEquipped) this.places = null;
  }

  /**
   * Whether these are codes of the same test images, which this plane can show.
   * @param {Population} other
   */
  hasSame({ points, crowd }) {
    const own = this.population;
    return (
      own !== null &&
      crowd.latentDim === own.crowd.latentDim &&
      isSame(points.labels, own.points.labels) &&
      isSame(points.positions ?? [], own.points.positions ?? [])
    );
  }

  /**
   * On a line each dot keeps its lane.
   * @param {Population} population
   * @returns {Places}
   */
  placesOf({ crowd: { standard, latentDim, count } }) {
    const { space, dims } = this.plane;
    const xs = new Float32Array(count);
    const ys = dims === 1 ? this.plane.ys : new Float32Array(count);
    for (let at = 0; at < count; at++) {
      const code = Array.from(standard.subarray(at * latentDim, (at + 1) * latentDim));
      const place = space.place(space.unstandardise(code));
      xs[at] = place[0];
      if (dims > 1) ys[at] = place[1];
    }
    return { xs, ys };
  }

  end() {
    this.glide.end();
  }
}

/**
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 */
function isSame(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
