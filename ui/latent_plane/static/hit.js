// Where on the plane the last press was, and which point it hit.
//
// Plotly's own answer is that of its last hover, which it computes at most every 50 ms: the second of two quick clicks
// would be reported at the place of the first. And it takes a finger that scrolls the page for a click.

const HIT_DISTANCE = 4; // pixels: a click no farther than this from a point is a click on the point
const STILL = 8; // pixels: a press that moves farther is none

let pressed = null;
let released = null;
document.addEventListener("pointerdown", (event) => ([pressed, released] = [event, null]), true);
document.addEventListener("pointerup", (event) => (released = event), true); // doesn't come where the page scrolls

// Null where the press was no click on the plane, or has been answered: a tap is reported as touch and as mouse.
export function hit(plot) {
  const press = pressed;
  pressed = null;
  if (!press || !released) return null;
  if (Math.hypot(released.clientX - press.clientX, released.clientY - press.clientY) > STILL) return null;
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  const across = press.clientX - area.left;
  const down = press.clientY - area.top;
  if (across < 0 || across > area.width || down < 0 || down > area.height) return null;
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
