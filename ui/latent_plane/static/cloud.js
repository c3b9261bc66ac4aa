// Two dimensions: a cloud of points, equal scale on both axes.

import { axis, frame, outline } from "./theme.js";
import { pointTrace } from "./plotly.js";

export function cloud(points, { slice }, classes, theme) {
  const xs = points.project(slice, slice.directions[0]);
  const ys = points.project(slice, slice.directions[1]);
  const size = points.count > 30000 ? 2.5 : points.count > 5000 ? 3.5 : points.count > 1500 ? 4.5 : 6;
  const type = pointTrace();
  const traces = points.byClass(classes.length).map((indices, label) => ({
    type,
    mode: "markers",
    name: classes[label].name,
    meta: { label },
    x: Float32Array.from(indices, (index) => xs[index]),
    y: Float32Array.from(indices, (index) => ys[index]),
    customdata: indices,
    hoverinfo: "skip",
    marker: { color: classes[label].colour, size, opacity: 0.75, line: outline(theme) },
  }));
  const layout = {
    ...frame(theme),
    xaxis: { ...axis(theme), range: range(xs) },
    yaxis: { ...axis(theme), range: range(ys), scaleanchor: "x", scaleratio: 1 },
  };
  return { traces, layout, xs, ys };
}

// From the lowest to the highest, and a margin.
export function range(values) {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const margin = (high - low) * 0.04 || 1;
  return [low - margin, high + margin];
}
