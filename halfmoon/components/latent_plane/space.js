// The code space of one run: its standard coordinates, and the slice through it that a plane draws.

// The twin of the standard coordinates in vae_core/codes.

/** @import { SpaceSpec } from "./data.d.ts" */

export class Space {
  /**
   * `mean` and the columns of `whitening` standardise codes, null where they are standard as they are; `slice` has a
   * centre and one or two orthonormal directions, all raw codes.
   * @param {SpaceSpec} spec
   */
  constructor({ mean, whitening, unwhitening, slice }) {
    this.standard = mean && whitening && unwhitening && { mean, whitening, unwhitening };
    this.slice = slice;
  }

  /** @param {number[]} code */
  standardise(code) {
    if (!this.standard) return Array.from(code);
    const { mean, whitening } = this.standard;
    return product(
      mean.map((value, dim) => code[dim] - value),
      whitening,
    );
  }

  /** @param {number[]} standard */
  unstandardise(standard) {
    if (!this.standard) return Array.from(standard);
    const { mean, unwhitening } = this.standard;
    return product(standard, unwhitening).map((value, dim) => value + mean[dim]);
  }

  /**
   * Where on the plane a code is drawn: its own place, or the one it projects to.
   * @param {number[]} code
   */
  place(code) {
    const { centre, directions } = this.slice;
    return directions.map((direction) => dot(direction, code) - dot(direction, centre));
  }

  /**
   * The code at a place of the slice that `through` lies in.
   * @param {number[]} place
   * @param {number[]} through
   */
  code(place, through) {
    const from = this.place(through);
    const code = Array.from(through);
    this.slice.directions.forEach((direction, axis) => {
      const step = place[axis] - from[axis];
      direction.forEach((value, dim) => (code[dim] += value * step));
    });
    return code;
  }

  /**
   * Where a place [a, b] of the prior N(0, I), as the plane shows it, is: its own place where the plane shows all of
   * code space; of a slice, a place of the projected prior, whose covariance has this Cholesky factor.
   * @param {number[]} standard
   */
  priorPlace(standard) {
    const latentDim = this.slice.centre.length;
    if (latentDim === standard.length) return this.place(this.unstandardise(standard));
    const centre = this.place(this.unstandardise(new Array(latentDim).fill(0)));
    const [u, v] = this.slice.directions.map((direction) =>
      this.standard ? this.standard.unwhitening.map((row) => dot(row, direction)) : direction,
    );
    const [xx, xy, yy] = [dot(u, u), dot(u, v), dot(v, v)];
    const across = Math.sqrt(xx);
    const upwards = Math.sqrt(Math.max(0, yy - (xy * xy) / xx));
    return [centre[0] + across * standard[0], centre[1] + (xy / across) * standard[0] + upwards * standard[1]];
  }

  /**
   * The covariance of a Gaussian with these variances (one a dimension) as the plane shows it.
   * @param {number[]} variances
   * @returns {[xx: number, yy: number, xy: number]}
   */
  covariance(variances) {
    const [u, v = []] = this.slice.directions;
    /** @type {(one: number[], other: number[]) => number} */
    const sum = (one, other) => variances.reduce((total, variance, dim) => total + one[dim] * other[dim] * variance, 0);
    return v.length ? [sum(u, u), sum(v, v), sum(u, v)] : [sum(u, u), 0, 0];
  }
}

/**
 * @param {number[]} one
 * @param {number[]} other
 */
function dot(one, other) {
  return one.reduce((sum, value, dim) => sum + value * other[dim], 0);
}

/**
 * @param {number[]} row
 * @param {number[][]} matrix
 */
function product(row, matrix) {
  return matrix[0].map((_, column) => row.reduce((sum, value, at) => sum + value * matrix[at][column], 0));
}
