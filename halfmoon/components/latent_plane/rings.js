// Layer: the rings of 1, 2 and 3 standard deviations of the prior N(0, I); on a line, the pairs of places.

/** @import { Theme } from "../shared/theme.js" */
/** @import { Layer, Panel } from "./layers.js" */

const SEGMENTS = 72;

/** @type {Layer} */
export const rings = {
  async draw(plane) {
    const draw = plane.dims === 1 ? pair : ring;
    return { images: [], shapes: [1, 2, 3].flatMap((deviations) => draw(deviations, plane)) };
  },
};

/**
 * @param {number} deviations
 * @param {Panel} plane
 */
function ring(deviations, plane) {
  const places = Array.from({ length: SEGMENTS }, (_, at) => {
    const angle = (2 * Math.PI * at) / SEGMENTS;
    return plane.placeOfStandard([deviations * Math.cos(angle), deviations * Math.sin(angle)]);
  });
  const path = `M${places.map(([x, y]) => `${x},${y}`).join("L")}Z`;
  // The label hangs on a shape of its own, a mere place: Plotly would put it in the box around the path.
  const [x, y] = places.reduce((top, place) => (place[1] > top[1] ? place : top));
  return [
    ...dashed({ type: "path", path }, plane.theme),
    { type: "line", x0: x, x1: x, y0: y, y1: y, line: { width: 0 }, label: label(deviations, plane.theme) },
  ];
}

/**
 * @param {number} deviations
 * @param {Panel} plane
 */
function pair(deviations, plane) {
  return [-deviations, deviations].flatMap((standard) => {
    const [x] = plane.placeOfStandard([standard]);
    const [casing, line] = dashed({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1 }, plane.theme);
    const inside = { textposition: "end", xanchor: "left", yanchor: "top", padding: 4 };
    return [casing, { ...line, label: { ...label(standard, plane.theme), ...inside } }];
  });
}

/**
 * A line that is seen on the ground and on points of any colour.
 * @param {object} shape
 * @param {Theme} theme
 */
function dashed(shape, { text, background }) {
  return [
    { ...shape, line: { color: `${background}99`, width: 3 } },
    { ...shape, line: { color: `${text}cc`, width: 1, dash: "3px,3px" } },
  ];
}

/**
 * @param {number} deviations
 * @param {Theme} theme
 */
function label(deviations, { text, background }) {
  const halo = [1, 2, 2, 3].map((blur) => `0 0 ${blur}px ${background}`).join(", ");
  return {
    text: `${deviations}σ`.replace("-", "−"),
    textangle: 0,
    yanchor: "bottom",
    padding: 2,
    font: { size: 12, color: text, shadow: halo },
  };
}
