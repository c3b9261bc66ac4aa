// The user's own digit: a place on every plane, already while it is drawn.

import { button } from "../shared/dom.js";
import { pack, unpack } from "../shared/packed.js";
import { Pad } from "../shared/pad.js";

/** @import { OwnImages } from "./own-images.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Scene } from "./data.d.ts" */

const GREYS = 17; // of the 256, one of 17: no eye and no model sees the difference, and the link is half as long

export class Drawing {
  /**
   * @param {{ side: number, box: number }} images
   * @param {Scene} scene
   * @param {Plane[]} planes
   * @param {OwnImages} own
   * @param {object} on
   * @param {(image: string, isDone: boolean) => void} on.draw all models have encoded what is drawn; `isDone` if the
   *   pen is up
   * @param {() => void} on.clear
   * @param {(isOpen: boolean) => void} on.toggle
   * @param {() => void} on.fail
   */
  constructor({ side, box }, { texts }, planes, own, on) {
    this.planes = planes;
    this.own = own;
    this.on = on;
    this.pad = new Pad({
      side,
      box,
      texts: { title: texts.pad_title, clear: texts.pad_clear, hint: texts.pad_hint },
      onDrawing: (pixels) => this.draw(pixels),
      onDone: () => this.finish(),
    });
    this.pad.element.hidden = true;
    this.button = button("latent-plane-draw", texts.draw, () => this.toggle());
    this.button.setAttribute("aria-expanded", "false");
    // What has yet to be shown; undefined where there is no such thing.
    this.latest = /** @type {Uint8Array<ArrayBuffer> | null | undefined} */ (undefined);
    this.asking = false;
    this.image = ""; // the last that was shown, packed
  }

  toggle() {
    const { element } = this.pad;
    element.hidden = !element.hidden;
    this.button.setAttribute("aria-expanded", String(!element.hidden));
    this.on.toggle(!element.hidden);
    if (!element.hidden) element.scrollIntoView({ block: "nearest" });
  }

  /**
   * Goes on with an image that is there already.
   * @param {string} image packed
   */
  async resume(image) {
    this.pad.show(await unpack(image));
  }

  // The end of a stroke, all of which may be shown already.
  finish() {
    if (!this.asking && this.pad.frame === null && this.image) this.on.draw(this.image, true);
  }

  /**
   * The server is asked one question at a time, always of the latest pixels.
   * @param {Uint8Array<ArrayBuffer> | null} pixels
   */
  async draw(pixels) {
    this.latest = pixels;
    if (this.asking) return;
    this.asking = true;
    while (this.latest !== undefined) {
      const pixels = this.latest;
      this.latest = undefined;
      if (pixels) await this.show(pixels.map((grey) => Math.round(grey / GREYS) * GREYS));
      else this.clear();
    }
    this.asking = false;
  }

  clear() {
    this.image = "";
    this.on.clear();
  }

  /** @param {Uint8Array<ArrayBuffer>} pixels */
  async show(pixels) {
    try {
      const image = await pack(pixels);
      await Promise.all(this.planes.map((plane) => this.own.ask(plane, image, pixels)));
      this.image = image;
      this.on.draw(image, !this.pad.isDrawing && this.latest === undefined);
    } catch (error) {
      console.error(error);
      this.on.fail();
    }
  }
}
