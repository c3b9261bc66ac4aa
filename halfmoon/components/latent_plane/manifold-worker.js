// Decodes and paints tiles beside the main thread. A job comes with a port for its answer; a message from that port
// abandons it.

import { fetchDecoder } from "../shared/decoder.js";
import { mosaic } from "./mosaic.js";

/** @import { MlpDecoder } from "../shared/decoder.js" */
/** @import { Grid } from "./mosaic.js" */

const SLICE = 25; // ms until the next look for a message

/** @type {Map<string, Promise<MlpDecoder>>} */
const decoders = new Map();

onmessage = async (/** @type {MessageEvent<{ url: string, codes: number[][], grid: Grid }>} */ { data, ports: [port] }) => {
  const { url, codes, grid } = data;
  const abandonment = new AbortController();
  port.onmessage = () => abandonment.abort();
  try {
    const decoder = await decoderAt(url);
    const decode = (/** @type {number} */ tile) => decoder.decode(codes[tile]);
    const picture = await mosaic(grid, decoder.shape, decode, abandonment.signal, SLICE);
    if (picture) port.postMessage({ picture }, [picture.pixels.buffer]);
  } catch (error) {
    port.postMessage({ error });
  }
};

/** @param {string} url */
function decoderAt(url) {
  const known = decoders.get(url);
  if (known) return known;
  if (decoders.size > 8) decoders.clear();
  const decoder = fetchDecoder(url);
  decoders.set(url, decoder);
  decoder.catch(() => decoders.delete(url));
  return decoder;
}
