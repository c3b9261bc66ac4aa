// Two dimensions: a cloud of points, equal scale on both axes.

import { axis, frame } from "../shared/theme.js";

// `landmarks` are places that are to be in view besides the points.
export function cloud(points, { slice }, _classes, theme, landmarks) {
  const xs = points.project(slice, slice.directions[0]);
  const ys = points.project(slice, slice.directions[1]);
  const size = points.count > 30000 ? 2.5 : points.count > 5000 ? 3.5 : points.count > 1500 ? 4.5 : 6;
  const layout = {
    ...frame(theme),
    xaxis: { ...axis(theme), range: range([...xs, ...landmarks.map(([x]) => x)]) },
    yaxis: { ...axis(theme), range: range([...ys, ...landmarks.map(([, y]) => y)]), scaleanchor: "x", scaleratio: 1 },
  };
  return { traces: [], layout, xs, ys, size };
}

// From the lowest to the highest, and a margin.
export function range(values) {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const margin = (high - low) * 0.04 || 1;
  return [low - margin, high + margin];
}
