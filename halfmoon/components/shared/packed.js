// An image of one's own as a part of an address, and back: a byte a pixel. Its twin is halfmoon/parts/packed.py.

export const MARK = "image:"; // before it, where something else could stand in its place

/**
 * The image, compressed, in letters that an address shows as they are.
 * @param {Uint8Array<ArrayBuffer>} image
 */
export async function pack(image) {
  const bytes = await through(new CompressionStream("deflate"), image);
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} packed */
export async function unpack(packed) {
  const text = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return through(new DecompressionStream("deflate"), bytes);
}

/**
 * @param {CompressionStream | DecompressionStream} stream
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function through(stream, bytes) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
