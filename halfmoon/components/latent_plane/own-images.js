// What the models make of images of one's own, which each encodes itself.

import { unpack } from "../shared/packed.js";

/** @import { Encoded } from "./machine.js" */
/** @import { Plane } from "./plane.js" */

const KEPT = 100; // answers of a plane: while one draws there is a new image with each frame

export class OwnImages {
  /**
   * @param {object} on
   * @param {(image: string, pixels: Uint8Array<ArrayBuffer>) => void} on.encoded one that was asked for is known now
   * @param {() => void} on.fail
   */
  constructor(on) {
    this.on = on;
    this.known = /** @type {Map<string, Encoded | null>} */ (new Map()); // null while it is asked for
  }

  /**
   * The code and its spread, null while the server has yet to say so.
   * @param {Plane} plane
   * @param {string} image packed
   * @returns {Encoded | null}
   */
  encoded(plane, image) {
    const known = this.known.get(key(plane, image));
    if (known === undefined) this.look(plane, image);
    return known ?? null;
  }

  /**
   * @param {Plane} plane
   * @param {string} image
   */
  async look(plane, image) {
    this.known.set(key(plane, image), null);
    try {
      const pixels = await unpack(image);
      await this.ask(plane, image, pixels);
      this.on.encoded(image, pixels);
    } catch (error) {
      console.warn(error);
      this.on.fail();
    }
  }

  /**
   * @param {Plane} plane
   * @param {string} image
   * @param {Uint8Array<ArrayBuffer>} pixels the same image
   */
  async ask(plane, image, pixels) {
    const encoded = await plane.encode(pixels);
    const oldest = this.known.keys().next();
    if (this.known.size >= KEPT && !oldest.done) this.known.delete(oldest.value);
    this.known.set(key(plane, image), encoded);
  }
}

/**
 * @param {Plane} plane
 * @param {string} image
 */
function key(plane, image) {
  return `${plane.spec.run} ${image}`;
}
