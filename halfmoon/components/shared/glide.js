// Dots on their way from where they were to where they belong now.

/** @typedef {{ xs: Float32Array, ys: Float32Array }} Places */

export const GLIDE = 600; // milliseconds
const MOST = 20000; // dots: more are no longer painted sixty times a second

export class Glide {
  /** @param {(places: Places) => void} show paints the dots at these places */
  constructor(show) {
    this.show = show;
    this.frame = 0;
  }

  /**
   * Shows the way, unless that is skipped, and at its end exactly `to`.
   * @param {Places} from
   * @param {Places} to
   * @param {number} [duration] milliseconds
   */
  go(from, to, duration = GLIDE) {
    this.end();
    if (isSkipped(to)) return this.show(to);
    const begun = performance.now();
    const step = (/** @type {number} */ now) => {
      const share = Math.max(0, now - begun) / duration;
      if (!(share < 1)) return this.show(to);
      this.show(between(from, to, share));
      this.frame = requestAnimationFrame(step);
    };
    step(begun);
  }

  // Stays where it is.
  end() {
    cancelAnimationFrame(this.frame);
  }
}

/**
 * Where somebody wants no motion, and of so many dots.
 * @param {Places} places
 */
export function isSkipped({ xs }) {
  return xs.length > MOST || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Slow at either end.
 * @param {Places} from
 * @param {Places} to
 * @param {number} share
 * @returns {Places}
 */
function between(from, to, share) {
  const eased = share * share * (3 - 2 * share);
  const mix = (/** @type {Float32Array} */ one, /** @type {Float32Array} */ other) =>
    other.map((value, at) => one[at] + eased * (value - one[at]));
  return { xs: mix(from.xs, to.xs), ys: mix(from.ys, to.ys) };
}
