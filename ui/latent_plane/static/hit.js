// Where on the plane an event was, and which point it hit.
//
// Plotly's own answer is that of its last hover, which it computes at most every 50 ms: the second of two quick clicks
// would be reported at the place of the first.

const HIT_DISTANCE = 4; // pixels: a click no farther than this from a point is a click on the point

export function hit(plot, event) {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  const across = event.clientX - area.left;
  const down = event.clientY - area.top;
  return { x: xaxis.p2d(across), y: yaxis.p2d(down), point: nearest(plot, xaxis, yaxis, across, down) };
}

function nearest(plot, xaxis, yaxis, across, down) {
  let point = null;
  let least = HIT_DISTANCE ** 2;
  for (const { x, y, customdata, visible } of plot.data) {
    if (!customdata || visible === false) continue;
    for (let at = 0; at < customdata.length; at++) {
      const distance = (xaxis.d2p(x[at]) - across) ** 2 + (yaxis.d2p(y[at]) - down) ** 2;
      if (distance <= least) {
        least = distance;
        point = customdata[at];
      }
    }
  }
  return point;
}
