// The one axis of the page: positions of the slider, the films and the figures, in pixels.

/** @import { Positions } from "./data.js" */

const WIDE = 700; // pixels, from which on there are two frames from one whole position to the next

export class Axis {
  /**
   * @param {Positions} positions
   * @param {number} width
   */
  constructor(positions, width) {
    const { first, last } = positions;
    this.positions = positions;
    this.width = width;
    this.gutter = width < WIDE ? 38 : 46; // for the names of the rows and their numbers
    this.type = Math.min(Math.max(10, width / 120), 16); // size of letters
    this.perUnit = width < WIDE ? 1 : 2;
    this.low = first - 0.5 / this.perUnit; // half a frame more: each is centred on its position
    this.high = last + 0.5 / this.perUnit;
    this.unit = (width - this.gutter) / (this.high - this.low); // pixels from one whole position to the next
    this.side = this.unit / this.perUnit; // of a frame
  }

  /** @param {number} position */
  pixel(position) {
    return this.gutter + (position - this.low) * this.unit;
  }

  /** @param {number} pixel */
  position(pixel) {
    const { first, last } = this.positions;
    return Math.min(Math.max(this.low + (pixel - this.gutter) / this.unit, first), last);
  }

  /** Which positions the films show. */
  get frames() {
    const { first, last } = this.positions;
    const count = Math.round((last - first) * this.perUnit) + 1;
    return Array.from({ length: count }, (_, at) => first + at / this.perUnit);
  }

  /** The whole positions between the ends with names, both included. */
  get ticks() {
    const { new: from, full: to } = this.positions;
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  }
}

/**
 * Which of the even positions is next to one.
 * @param {Positions} positions
 * @param {number} position
 */
export function indexOf({ first, step }, position) {
  return Math.round((position - first) / step);
}
