// Which points are in what was marked with the box or the lasso.

// The indices of the places within the mark of Plotly's event, of those that `isSeen(index)`; null where there is none.
export function selection(event, xs, ys, isSeen) {
  const within = event && (event.lassoPoints ? inLasso(event.lassoPoints) : event.range && inBox(event.range));
  const indices = [];
  for (let index = 0; within && index < xs.length; index++) {
    if (isSeen(index) && within(xs[index], ys[index])) indices.push(index);
  }
  return indices.length ? indices : null;
}

function inBox({ x, y }) {
  return (across, up) => x[0] <= across && across <= x[1] && y[0] <= up && up <= y[1];
}

// Inside, where a line to the right crosses the outline an odd number of times.
function inLasso({ x, y }) {
  return (across, up) => {
    let inside = false;
    for (let at = 0, before = x.length - 1; at < x.length; before = at++) {
      const crosses = y[at] > up !== y[before] > up;
      if (crosses && across < x[at] + ((up - y[at]) / (y[before] - y[at])) * (x[before] - x[at])) inside = !inside;
    }
    return inside;
  };
}
