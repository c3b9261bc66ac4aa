// Contours of a field on a grid: the closed lines on which it has a value, by marching squares (W. E. Lorensen and
// H. E. Cline, "Marching Cubes", 1987, in two dimensions).

/** @typedef {{ columns: number, rows: number, values: ArrayLike<number> }} Grid row by row as y grows */

// For each square, by which of its corners (left below, right below, right above, left above: 1, 2, 4, 8) are inside:
// pairs of edges (below 0, right 1, above 2, left 3) that a line joins, with the inside on its left.
/** @type {number[][]} */
const SEGMENTS = [
  [],
  [0, 3],
  [1, 0],
  [1, 3],
  [2, 1],
  [0, 3, 2, 1],
  [2, 0],
  [2, 3],
  [3, 2],
  [0, 2],
  [1, 0, 3, 2],
  [1, 2],
  [3, 1],
  [0, 1],
  [3, 0],
  [],
];

/**
 * The lines where the field is `level`, around all that is above it; of places in cells, the middle of the first cell
 * at (0.5, 0.5). Outside of the grid there is nothing above the level.
 * @param {Grid} grid
 * @param {number} level
 * @returns {[x: number, y: number][][]}
 */
export function contours({ columns, rows, values }, level) {
  const at = (/** @type {number} */ column, /** @type {number} */ row) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 0 : values[row * columns + column];
  const wide = columns + 2;
  const next = /** @type {Map<number, number>} */ (new Map()); // from the edge where a segment begins to that of its end
  for (let row = -1; row < rows; row++) {
    for (let column = -1; column < columns; column++) {
      const inside = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)];
      const segments = SEGMENTS[inside.reduce((sum, value, corner) => sum + (value > level ? 1 << corner : 0), 0)];
      if (!segments.length) continue;
      const square = (row + 1) * wide + column + 1;
      const edges = [2 * square, 2 * (square + 1) + 1, 2 * (square + wide), 2 * square + 1];
      for (let one = 0; one < segments.length; one += 2) next.set(edges[segments[one]], edges[segments[one + 1]]);
    }
  }
  /** @type {(edge: number) => [x: number, y: number]} */
  const crossing = (edge) => {
    const square = edge >> 1;
    const [column, row] = [(square % wide) - 1, Math.floor(square / wide) - 1];
    const isUpright = edge % 2 === 1;
    const [here, there] = [at(column, row), isUpright ? at(column, row + 1) : at(column + 1, row)];
    const share = (level - here) / (there - here);
    return isUpright ? [column + 0.5, row + 0.5 + share] : [column + 0.5 + share, row + 0.5];
  };
  return loops(next).map((edges) => edges.map(crossing));
}

/**
 * @param {Map<number, number>} next
 * @returns {number[][]}
 */
function loops(next) {
  const found = [];
  while (next.size) {
    const [start] = next.keys();
    const loop = [];
    for (let edge = /** @type {number | undefined} */ (start); edge !== undefined; ) {
      loop.push(edge);
      const after = next.get(edge);
      next.delete(edge);
      edge = after === start ? undefined : after;
    }
    found.push(loop);
  }
  return found;
}
