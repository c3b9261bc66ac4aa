// The code space of one run: its standard coordinates, and the slice through it that a plane draws.

export class Space {
  // `mean` and the columns of `whitening` standardise codes, null where they are standard as they are; `slice` has a
  // centre and one or two orthonormal directions, all raw codes.
  constructor({ mean, whitening, unwhitening, slice }) {
    Object.assign(this, { mean, whitening, unwhitening });
    this.slice = slice;
  }

  standardise(code) {
    if (!this.mean) return Array.from(code);
    const centred = this.mean.map((mean, dim) => code[dim] - mean);
    return product(centred, this.whitening);
  }

  unstandardise(standard) {
    if (!this.mean) return Array.from(standard);
    return product(standard, this.unwhitening).map((value, dim) => value + this.mean[dim]);
  }

  // Where on the plane a code is drawn: its own place, or the one it projects to.
  place(code) {
    const { centre, directions } = this.slice;
    return directions.map((direction) => dot(direction, code) - dot(direction, centre));
  }

  // The code at a place of the slice that `through` lies in.
  code(place, through) {
    const from = this.place(through);
    const code = Array.from(through);
    this.slice.directions.forEach((direction, axis) => {
      const step = place[axis] - from[axis];
      direction.forEach((value, dim) => (code[dim] += value * step));
    });
    return code;
  }

  // Where a place [a, b] of the prior N(0, I), as the plane shows it, is: its own place where the plane shows all of
  // code space; of a slice, a place of the projected prior, whose covariance has this Cholesky factor.
  priorPlace(standard) {
    const latentDim = this.slice.centre.length;
    if (latentDim === standard.length) return this.place(this.unstandardise(standard));
    const centre = this.place(this.unstandardise(new Array(latentDim).fill(0)));
    const [u, v] = this.slice.directions.map((direction) =>
      this.mean ? this.unwhitening.map((row) => dot(row, direction)) : direction,
    );
    const [xx, xy, yy] = [dot(u, u), dot(u, v), dot(v, v)];
    const across = Math.sqrt(xx);
    const upwards = Math.sqrt(Math.max(0, yy - (xy * xy) / xx));
    return [centre[0] + across * standard[0], centre[1] + (xy / across) * standard[0] + upwards * standard[1]];
  }

  // The covariance of a Gaussian with these variances (one a dimension) as the plane shows it: [xx, yy, xy].
  covariance(variances) {
    const [u, v = []] = this.slice.directions;
    const sum = (one, other) => variances.reduce((total, variance, dim) => total + one[dim] * other[dim] * variance, 0);
    return v.length ? [sum(u, u), sum(v, v), sum(u, v)] : [sum(u, u), 0, 0];
  }
}

function dot(one, other) {
  return one.reduce((sum, value, dim) => sum + value * other[dim], 0);
}

function product(row, matrix) {
  return matrix[0].map((_, column) => row.reduce((sum, value, at) => sum + value * matrix[at][column], 0));
}
