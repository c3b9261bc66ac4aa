// What the models make of images of one's own, which each encodes itself.

import { unpack } from "../shared/packed.js";

/** @import { Plane } from "./plane.js" */
/** @typedef {{ mu: number[], log_var: number[] | null }} Encoded */

const KEPT = 100; // answers of a plane: while one draws there is a new image with each frame

export class OwnImages {
  /**
   * @param {string} base
   * @param {object} on
   * @param {() => void} on.encoded an image that was asked for is known now
   * @param {() => void} on.fail
   */
  constructor(base, on) {
    this.base = base;
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
      await this.ask(plane, image, await unpack(image));
      this.on.encoded();
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
    const response = await fetch(`${this.base}/${plane.spec.encode}`, { method: "POST", body: pixels });
    if (!response.ok) throw new Error(await response.text());
    const oldest = this.known.keys().next();
    if (this.known.size >= KEPT && !oldest.done) this.known.delete(oldest.value);
    this.known.set(key(plane, image), await response.json());
  }
}

/**
 * @param {Plane} plane
 * @param {string} image
 */
function key(plane, image) {
  return `${plane.spec.run} ${image}`;
}
