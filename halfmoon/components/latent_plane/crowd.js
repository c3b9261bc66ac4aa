// How crowded a place is: how many test codes lie near it in standard coordinates.

/** @import { Points } from "./points.js" */
/** @import { Space } from "./space.js" */

export class Crowd {
  /**
   * @param {Points} points
   * @param {Space} space
   */
  constructor(points, space) {
    this.space = space;
    this.count = points.count;
    this.latentDim = points.latentDim;
    this.standard = new Float32Array(points.count * points.latentDim);
    for (let at = 0; at < points.count; at++) this.standard.set(space.standardise(points.code(at)), at * this.latentDim);
  }

  /**
   * @param {number[]} code
   * @param {number} radius
   */
  near(code, radius) {
    const { standard, latentDim } = this;
    const here = this.space.standardise(code);
    let found = 0;
    for (let start = 0; start < standard.length; start += latentDim) {
      let square = 0;
      for (let dim = 0; dim < latentDim; dim++) square += (standard[start + dim] - here[dim]) ** 2;
      if (square <= radius * radius) found++;
    }
    return found;
  }
}
