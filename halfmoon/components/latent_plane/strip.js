// One dimension: a lane for each class, high where its codes are dense, its codes within; the film beneath.

import { context2d, element } from "../shared/dom.js";
import { range } from "./cloud.js";
import { film } from "./layers.js";
import { channels } from "../shared/raster.js";
import { axis, frame } from "../shared/theme.js";

/** @import { Range } from "../shared/area.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { Laid } from "./cloud.js" */
/** @import { PointClass } from "./data.d.ts" */
/** @import { Points } from "./points.js" */
/** @import { Space } from "./space.js" */

const BINS = 240;
const SMOOTHING = 3; // bins, the standard deviation of the kernel
const LANE = 0.85; // of the distance between two lanes
const NAME_GAP = 14; // pixels around a name

/**
 * @param {Points} points
 * @param {Space} space
 * @param {PointClass[]} classes
 * @param {Theme} theme
 * @returns {Laid}
 */
export function strip(points, { slice }, classes, theme) {
  const xs = points.project(slice, slice.directions[0]);
  const ys = new Float32Array(points.count);
  const edges = range(xs);
  const traces = points.byClass(classes.length).map((indices, label) => {
    const { name, colour } = classes[label];
    const own = Float32Array.from(indices, (index) => xs[index]);
    const density = smoothDensity(own, edges);
    const base = classes.length - 1 - label; // the first class on top
    const centres = density.map((_, bin) => edges[0] + ((bin + 0.5) * (edges[1] - edges[0])) / BINS);
    indices.forEach((index, at) => (ys[index] = base + LANE * scatter(index) * density[bin(own[at], edges)]));
    const ridge = {
      type: "scatter",
      mode: "lines",
      name,
      meta: { label },
      x: [...centres, ...centres.toReversed()],
      y: [...density.map((value) => base + LANE * value), ...centres.map(() => base)],
      fill: "toself",
      fillcolor: `rgb(${channels(`color-mix(in srgb, ${colour} 22%, ${theme.ground})`)})`, // over a gap map too
      line: { color: colour, width: 1.2 },
      hoverinfo: "skip",
    };
    return ridge;
  });
  const plain = frame(theme);
  const layout = {
    ...plain,
    margin: { ...plain.margin, l: roomFor(classes, plain.font) },
    xaxis: { ...axis(theme), range: edges },
    yaxis: {
      ...axis(theme),
      range: [film(classes.length)[0] - 0.05, classes.length],
      fixedrange: true,
      tickvals: classes.map((_, label) => classes.length - 1 - label),
      ticktext: classes.map(({ name }) => name),
      showticklabels: true,
    },
  };
  return { traces, layout, xs, ys, size: points.count > 5000 ? 3 : 4.5 };
}

/**
 * The width of the longest name beside its lane, so that nothing moves when Plotly writes them.
 * @param {PointClass[]} classes
 * @param {{ family: string, size: number }} font
 */
function roomFor(classes, { family, size }) {
  const context = context2d(element("canvas"));
  context.font = `${size}px ${family}`;
  return Math.ceil(Math.max(...classes.map(({ name }) => context.measureText(name).width))) + NAME_GAP;
}

/**
 * The density of codes in BINS bins, smoothed, its highest value 1.
 * @param {Float32Array} codes
 * @param {Range} edges
 */
function smoothDensity(codes, edges) {
  const counts = /** @type {number[]} */ (new Array(BINS).fill(0));
  for (const code of codes) counts[bin(code, edges)] += 1;
  const reach = 4 * SMOOTHING;
  const smooth = counts.map((_, at) => {
    let sum = 0;
    for (let other = Math.max(0, at - reach); other <= Math.min(BINS - 1, at + reach); other++) {
      sum += counts[other] * Math.exp(-0.5 * ((other - at) / SMOOTHING) ** 2);
    }
    return sum;
  });
  const highest = Math.max(...smooth) || 1;
  return smooth.map((value) => value / highest);
}

/**
 * @param {number} code
 * @param {Range} edges
 */
function bin(code, [low, high]) {
  return Math.min(BINS - 1, Math.max(0, Math.floor(((code - low) / (high - low)) * BINS)));
}

/**
 * A number in (0, 1) that looks random and is always the same for the same point.
 * @param {number} index
 */
function scatter(index) {
  return (((index + 1) * 0.6180339887498949) % 1) * 0.94 + 0.03;
}
