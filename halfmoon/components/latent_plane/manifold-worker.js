// Decodes and paints tiles beside the main thread. A job comes with a port for its answer; a message from that port
// abandons it.

import { fetchDecoder } from "./decoder.js";
import { mosaic } from "./mosaic.js";

const SLICE = 25; // ms until the next look for a message

const decoders = new Map();

onmessage = async ({ data: { url, codes, grid }, ports: [port] }) => {
  const abandonment = new AbortController();
  port.onmessage = () => abandonment.abort();
  try {
    const decoder = await decoderAt(url);
    const decode = (tile) => decoder.decode(codes[tile]);
    const picture = await mosaic(grid, decoder.shape, decode, abandonment.signal, SLICE);
    if (picture) port.postMessage({ picture }, [picture.pixels.buffer]);
  } catch (error) {
    port.postMessage({ error });
  }
};

function decoderAt(url) {
  if (!decoders.has(url)) {
    if (decoders.size > 8) decoders.clear();
    const decoder = fetchDecoder(url);
    decoders.set(url, decoder);
    decoder.catch(() => decoders.delete(url));
  }
  return decoders.get(url);
}
