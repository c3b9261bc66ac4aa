// The registry of the layers of a plane.
//
// A layer is called for every part of the plane that is looked at, in every size and theme; what it gives are images for
// Plotly's layout and lines over the points, or null where the view's signal has been aborted.

import { density } from "./density.js";
import { manifold } from "./manifold.js";
import { rings } from "./rings.js";

/** @import { AreaView, Range } from "../shared/area.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { Line } from "./outlines.js" */
/** @import { Source } from "./sources.js" */
/**
 * @typedef {object} Panel what of a plane a layer may ask
 * @property {number} dims
 * @property {Float32Array} xs
 * @property {Float32Array | undefined} ys of a line there are none
 * @property {number} classCount
 * @property {(place: number[]) => number[]} toCode
 * @property {(standard: number[]) => number[]} placeOfStandard
 * @property {Source} source
 * @property {string | null} decoderUrl
 * @property {number} width
 * @property {number} height
 * @property {Theme} theme
 *
 * @typedef {{ canvas: HTMLCanvasElement, x: Range, y: Range, isAbove: boolean }} LayerImage `isAbove` the lines of the axes
 * @typedef {{ images: LayerImage[], lines: Line[] }} Drawn
 * @typedef {{ draw(panel: Panel, view: AreaView & { signal: AbortSignal }): Promise<Drawn | null> }} Layer
 */

export { film } from "./manifold.js";

/** @type {Record<string, Layer>} */
export const LAYERS = { manifold, density, rings };

// Those that are looked at as a picture: the points fade over them.
export const PICTURES = new Set(["manifold", "density"]);
