// The codes that lie beyond the edge of what is in view: a tick where each leaves it, longer where there are many.

/** @import { Area } from "../shared/area.js" */
/** @import { Dots } from "../shared/dots.js" */

const STEP = 3; // pixels along the edge that share a tick
const SHORTEST = 3;
const LONGER = 2.5; // pixels for ten times as many codes
const OPACITY = 0.85;

/**
 * Paints the ticks over the dots; the number of codes beyond.
 * @param {Dots} dots
 * @param {Area} area
 * @param {string[]} colours of the labels
 * @param {Set<number>} hidden labels
 */
export function tickEdges(dots, area, colours, hidden) {
  const { context, ratio } = dots;
  const { ticks, beyond } = ticksAt(dots, area, colours, hidden);
  context.save();
  context.scale(ratio, ratio);
  context.globalAlpha = OPACITY;
  for (const { x, y, width, height, colour } of ticks) {
    context.fillStyle = colour;
    context.fillRect(x, y, width, height);
  }
  context.restore();
  return beyond;
}

/**
 * The ticks, each in the colour of most of its codes, and the number of codes beyond.
 * @param {Pick<Dots, "xs" | "ys" | "labels">} dots
 * @param {Area} area
 * @param {string[]} colours of the labels
 * @param {Set<number>} hidden labels
 */
export function ticksAt({ xs, ys, labels }, area, colours, hidden) {
  const { view, perX, perY, width, height } = area;
  const [acrossCount, alongCount] = [Math.ceil(width / STEP) + 1, Math.ceil(height / STEP) + 1];
  const [left, right, top, bottom] = [0, alongCount, 2 * alongCount, 2 * alongCount + acrossCount]; // where the ticks of an edge begin
  const counts = new Uint32Array(2 * (alongCount + acrossCount) * colours.length);
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
  const ticks = [];
  for (let tick = 0; beyond && tick < counts.length / colours.length; tick++) {
    const own = counts.subarray(tick * colours.length, (tick + 1) * colours.length);
    const count = own.reduce((sum, value) => sum + value);
    if (!count) continue;
    const length = SHORTEST + LONGER * Math.log10(count);
    const colour = colours[own.indexOf(Math.max(...own))];
    const edge = tick < right ? left : tick < top ? right : tick < bottom ? top : bottom;
    const [across, upright] = edge < top ? [length, STEP - 1] : [STEP - 1, length];
    const start = (tick - edge) * STEP;
    const x = edge < top ? (edge === right ? width - length : 0) : start;
    const y = edge < top ? start : edge === bottom ? height - length : 0;
    ticks.push({ x, y, width: across, height: upright, colour });
  }
  return { ticks, beyond };
}
