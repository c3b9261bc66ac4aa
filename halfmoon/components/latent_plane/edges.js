// The codes that lie beyond the edge of what is in view: a tick where each leaves it, longer where there are many.

/** @import { Area } from "../shared/area.js" */
/** @import { Dots } from "../shared/dots.js" */

const STEP = 3; // pixels along the edge that share a tick
const SHORTEST = 3;
const LONGER = 2.5; // pixels for ten times as many codes
const OPACITY = 0.85;

/**
 * Paints the ticks over the dots, each in the colour of most of its codes; the number of codes beyond.
 * @param {Dots} dots
 * @param {Area} area
 * @param {string[]} colours of the labels
 * @param {Set<number>} hidden labels
 */
export function tickEdges({ context, ratio, xs, ys, labels }, area, colours, hidden) {
  const { view, perX, perY, width, height } = area;
  const [across, along] = [Math.ceil(width / STEP) + 1, Math.ceil(height / STEP) + 1];
  const [left, right, top, bottom] = [0, along, 2 * along, 2 * along + across]; // where the ticks of an edge begin
  const counts = new Uint32Array((2 * along + 2 * across) * colours.length);
  let beyond = 0;
  for (let index = 0; index < xs.length; index++) {
    const [x, y] = [xs[index], ys[index]];
    const isAside = x < view.x[0] || x > view.x[1];
    if ((!isAside && y >= view.y[0] && y <= view.y[1]) || hidden.has(labels[index])) continue;
    const [from, length, end] = isAside
      ? [x < view.x[0] ? left : right, (view.y[1] - y) * perY, height]
      : [y > view.y[1] ? top : bottom, (x - view.x[0]) * perX, width];
    const at = Math.floor(Math.min(end, Math.max(0, length)) / STEP);
    counts[(from + at) * colours.length + labels[index]] += 1;
    beyond += 1;
  }
  context.save();
  context.scale(ratio, ratio);
  context.globalAlpha = OPACITY;
  for (let tick = 0; beyond && tick < counts.length / colours.length; tick++) {
    const own = counts.subarray(tick * colours.length, (tick + 1) * colours.length);
    const count = own.reduce((sum, value) => sum + value);
    if (!count) continue;
    const length = SHORTEST + LONGER * Math.log10(count);
    context.fillStyle = colours[own.indexOf(Math.max(...own))];
    if (tick < right) context.fillRect(0, (tick - left) * STEP, length, STEP - 1);
    else if (tick < top) context.fillRect(width - length, (tick - right) * STEP, length, STEP - 1);
    else if (tick < bottom) context.fillRect((tick - top) * STEP, 0, STEP - 1, length);
    else context.fillRect((tick - bottom) * STEP, height - length, STEP - 1, length);
  }
  context.restore();
  return beyond;
}
