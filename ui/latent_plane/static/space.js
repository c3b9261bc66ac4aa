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
    return directions.map((direction) =>
      direction.reduce((sum, value, dim) => sum + value * (code[dim] - centre[dim]), 0),
    );
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

  // The covariance of a Gaussian with these variances (one a dimension) as the plane shows it: [xx, yy, xy].
  covariance(variances) {
    const [u, v = []] = this.slice.directions;
    const sum = (one, other) => variances.reduce((total, variance, dim) => total + one[dim] * other[dim] * variance, 0);
    return v.length ? [sum(u, u), sum(v, v), sum(u, v)] : [sum(u, u), 0, 0];
  }
}

function product(row, matrix) {
  return matrix[0].map((_, column) => row.reduce((sum, value, at) => sum + value * matrix[at][column], 0));
}
