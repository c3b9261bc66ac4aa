// The registry of layers under the points of a plane.
//
// A layer is called for every part of the plane that is looked at, in every size and theme; what it gives is for
// Plotly's layout, or null where the view's signal has been aborted.

import { density } from "./density.js";
import { manifold } from "./manifold.js";
import { rings } from "./rings.js";

/** @import { AreaView, Range } from "../shared/area.js" */
/** @import { Theme } from "../shared/theme.js" */
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
 * @typedef {{ canvas: HTMLCanvasElement, x: Range, y: Range, isAbove?: boolean }} LayerImage
 * @typedef {{ images: LayerImage[], shapes: object[] }} Drawn
 * @typedef {{ draw(panel: Panel, view: AreaView & { signal: AbortSignal }): Promise<Drawn | null> }} Layer
 */

export { film } from "./manifold.js";

/** @type {Record<string, Layer>} */
export const LAYERS = { manifold, density, rings };
