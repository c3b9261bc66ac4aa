// Decodes tiles beside the main thread. A job comes with a port for its answer; a message from there abandons it.

import { fetchDecoder } from "./decoder.js";
import { decodeTiles } from "./tiles.js";

const SLICE = 25; // ms until the next look for a message

const decoders = new Map();

onmessage = async ({ data: { url, codes }, ports: [port] }) => {
  const abandonment = new AbortController();
  port.onmessage = () => abandonment.abort();
  try {
    const decoder = await decoderAt(url);
    const decode = (tile) => decoder.decode(codes[tile]);
    const decoded = await decodeTiles(codes.length, decoder.shape, decode, abandonment.signal, SLICE);
    if (decoded) port.postMessage(decoded, [decoded.tiles.buffer]);
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
