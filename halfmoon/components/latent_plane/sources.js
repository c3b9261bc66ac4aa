// The sources of a plane's images: a decoder that runs here, or an atlas of tiles that the server decodes.

import { Atlas } from "./atlas.js";
import { fetchDecoder } from "../shared/decoder.js";

/** @import { ImageSource, Scene } from "./data.d.ts" */
/** @import { MlpDecoder } from "../shared/decoder.js" */
/** @typedef {MlpDecoder | Atlas} Source */

/**
 * `toCode` gives the code at a place of the plane; `onChange` is called when there are finer images than before.
 * @param {ImageSource} image
 * @param {Scene} scene
 * @param {(place: number[]) => number[]} toCode
 * @param {() => void} onChange
 * @returns {Promise<Source>}
 */
export async function loadSource({ decoder, atlas, shape }, scene, toCode, onChange) {
  const { base, max_tiles: maxTiles, max_tile_bytes: maxBytes } = scene;
  if (decoder) return fetchDecoder(`${base}/${decoder}`);
  return new Atlas({ base, path: atlas ?? "", shape, toCode, onChange, maxTiles, maxBytes });
}
