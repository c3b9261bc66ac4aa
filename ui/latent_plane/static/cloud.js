// Two dimensions: a cloud of points, equal scale on both axes, the pin a ring.

import { axis, frame, outline } from "./theme.js";
import { pointTrace } from "./plotly.js";

function figure(points, classes, theme, texts) {
  const type = pointTrace();
  const size = points.count > 5000 ? 3.5 : points.count > 1500 ? 4.5 : 6;
  const traces = classes.map(({ name, colour }, label) => {
    const indices = points.ofClass(label);
    return {
      type,
      mode: "markers",
      name,
      meta: { label },
      x: points.column(0, indices),
      y: points.column(1, indices),
      customdata: indices,
      marker: { color: colour, size, opacity: 0.75, line: outline(theme) },
      hovertemplate: `${texts.point.replace("{name}", name)}<extra></extra>`,
    };
  });
  const layout = {
    ...frame(theme),
    xaxis: { ...axis(theme), ...range(points, 0) },
    yaxis: { ...axis(theme), ...range(points, 1), scaleanchor: "x", scaleratio: 1 },
  };
  return { traces, layout };
}

function range(points, dim) {
  let low = Infinity;
  let high = -Infinity;
  for (let at = dim; at < points.coordinates.length; at += points.dims) {
    low = Math.min(low, points.coordinates[at]);
    high = Math.max(high, points.coordinates[at]);
  }
  const margin = (high - low) * 0.04 || 1;
  return { range: [low - margin, high + margin] };
}

function pin(place, theme) {
  if (!place) return [];
  const ring = (radius, color, width) => ({
    type: "circle",
    xsizemode: "pixel",
    ysizemode: "pixel",
    xanchor: place[0],
    yanchor: place[1],
    x0: -radius,
    x1: radius,
    y0: -radius,
    y1: radius,
    line: { color, width },
  });
  return [ring(9, theme.background, 6), ring(9, theme.text, 2.5), ring(1.5, theme.text, 2)];
}

export const cloud = { figure, pin };
