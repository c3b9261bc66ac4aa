// The points inside the box or the lasso.

/**
 * @typedef {{ x: number[], y: number[] }} Outline of a box its two ends, of a lasso its corners
 * @typedef {{ range?: Outline, lassoPoints?: Outline }} Marked Plotly's event
 */

/**
 * The indices of the places within the mark, of those that `isSeen(index)`; null where there is none.
 * @param {Marked | null} event
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {(index: number) => boolean} isSeen
 */
export function selection(event, xs, ys, isSeen) {
  const { lassoPoints, range } = event ?? {};
  const within = lassoPoints ? inLasso(lassoPoints) : range && inBox(range);
  const indices = [];
  for (let index = 0; within && index < xs.length; index++) {
    if (isSeen(index) && within(xs[index], ys[index])) indices.push(index);
  }
  return indices.length ? indices : null;
}

/** @param {Outline} box */
function inBox({ x, y }) {
  return (/** @type {number} */ across, /** @type {number} */ up) =>
    x[0] <= across && across <= x[1] && y[0] <= up && up <= y[1];
}

/**
 * Inside, where a line to the right crosses the outline an odd number of times.
 * @param {Outline} lasso
 */
function inLasso({ x, y }) {
  return (/** @type {number} */ across, /** @type {number} */ up) => {
    let inside = false;
    for (let at = 0, before = x.length - 1; at < x.length; before = at++) {
      const crosses = y[at] > up !== y[before] > up;
      if (crosses && across < x[at] + ((up - y[at]) / (y[before] - y[at])) * (x[before] - x[at])) inside = !inside;
    }
    return inside;
  };
}
