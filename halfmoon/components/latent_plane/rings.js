// Layer: the rings of 1, 2 and 3 standard deviations of the prior N(0, I); on a line, the pairs of places.

/** @import { Layer, Panel } from "./layers.js" */
/** @import { Line } from "./outlines.js" */

const DEVIATIONS = [1, 2, 3];
const SEGMENTS = 72;

/** @type {Layer} */
export const rings = {
  async draw(plane) {
    const signs = plane.dims === 1 ? [-1, 1] : [1];
    return { images: [], lines: DEVIATIONS.flatMap((size) => signs.map((sign) => ring(sign * size, plane))) };
  },
};

/**
 * @param {number} deviations
 * @param {Panel} plane
 * @returns {Line}
 */
function ring(deviations, plane) {
  const places = plane.dims === 1 ? [plane.placeOfStandard([deviations])] : circle(deviations, plane);
  return { className: "ring-line", paths: [places], label: `${deviations}σ`.replace("-", "−"), toward: [0, -1] };
}

/**
 * The places at so many standard deviations.
 * @param {number} deviations
 * @param {Pick<Panel, "placeOfStandard">} plane
 */
export function circle(deviations, { placeOfStandard }) {
  return Array.from({ length: SEGMENTS }, (_, at) => {
    const angle = (2 * Math.PI * at) / SEGMENTS;
    return placeOfStandard([deviations * Math.cos(angle), deviations * Math.sin(angle)]);
  });
}
