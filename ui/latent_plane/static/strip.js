// One dimension: a lane for each class, high where its codes are dense, its codes within; the pin an upright line.

import { axis, frame, outline } from "./theme.js";
import { pointTrace } from "./plotly.js";

const BINS = 240;
const SMOOTHING = 3; // bins, the standard deviation of the kernel
const LANE = 0.85; // of the distance between two lanes

function figure(points, classes, theme, texts) {
  const type = pointTrace();
  const everything = Array.from(points.labels.keys());
  const codes = points.column(0, everything);
  const low = codes.reduce((least, code) => Math.min(least, code), Infinity);
  const high = codes.reduce((most, code) => Math.max(most, code), -Infinity);
  const margin = (high - low) * 0.04 || 1;
  const edges = [low - margin, high + margin];

  const traces = classes.flatMap(({ name, colour }, label) => {
    const indices = points.ofClass(label);
    const own = points.column(0, indices);
    const density = smoothDensity(own, edges);
    const base = classes.length - 1 - label; // the first class on top
    const centres = density.map((_, bin) => edges[0] + ((bin + 0.5) * (edges[1] - edges[0])) / BINS);
    const ridge = {
      type: "scatter",
      mode: "lines",
      name,
      meta: { label },
      x: [...centres, ...centres.toReversed()],
      y: [...density.map((value) => base + LANE * value), ...centres.map(() => base)],
      fill: "toself",
      fillcolor: `${colour}38`,
      line: { color: colour, width: 1.2 },
      hoverinfo: "skip",
    };
    const dots = {
      type,
      mode: "markers",
      name,
      meta: { label },
      x: own,
      y: Float32Array.from(indices, (index, at) => base + LANE * scatter(index) * density[bin(own[at], edges)]),
      customdata: indices,
      marker: { color: colour, size: points.count > 5000 ? 3 : 4.5, opacity: 0.7, line: outline(theme) },
      hovertemplate: `${texts.point.replace("{name}", name)}<extra></extra>`,
    };
    return [ridge, dots];
  });
  const layout = {
    ...frame(theme),
    xaxis: { ...axis(theme), range: edges },
    yaxis: {
      ...axis(theme),
      range: [-0.2, classes.length],
      fixedrange: true,
      tickvals: classes.map((_, label) => classes.length - 1 - label),
      ticktext: classes.map(({ name }) => name),
      showticklabels: true,
    },
  };
  return { traces, layout };
}

// The density of codes in BINS bins, smoothed, its highest value 1.
function smoothDensity(codes, [low, high]) {
  const counts = new Array(BINS).fill(0);
  for (const code of codes) counts[bin(code, [low, high])] += 1;
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

function bin(code, [low, high]) {
  return Math.min(BINS - 1, Math.max(0, Math.floor(((code - low) / (high - low)) * BINS)));
}

// A number in (0, 1) that looks random and is always the same for the same point.
function scatter(index) {
  return (((index + 1) * 0.6180339887498949) % 1) * 0.94 + 0.03;
}

function pin(place, theme) {
  if (!place) return [];
  const line = (color, width) => ({
    type: "line",
    x0: place[0],
    x1: place[0],
    yref: "paper",
    y0: 0,
    y1: 1,
    line: { color, width },
  });
  return [line(theme.background, 6), line(theme.text, 2.5)];
}

export const strip = { figure, pin };
