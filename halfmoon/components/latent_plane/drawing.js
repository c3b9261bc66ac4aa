// The user's own digit: its code and its posterior on every plane, during the drawing.

import { button } from "../shared/dom.js";
import { Pad } from "../shared/pad.js";

/** @import { Encoded } from "./machine.js" */
/** @import { Mark } from "./overlay.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Scene } from "./data.d.ts" */

export class Drawing {
  /**
   * @param {{ side: number, box: number }} images
   * @param {Scene} scene
   * @param {Plane[]} planes
   * @param {object} on
   * @param {(at: number, code: number[] | null) => void} on.show what has been drawn is at this code of a plane
   * @param {(at: number, pixels: Uint8Array<ArrayBuffer>, encoded: Encoded) => void} on.encode
   * @param {() => void} on.fail
   */
  constructor({ side, box }, { texts }, planes, on) {
    this.planes = planes;
    this.on = on;
    this.pad = new Pad({
      side,
      box,
      texts: { title: texts.pad_title, clear: texts.pad_clear, hint: texts.pad_hint },
      onDrawing: (pixels) => this.draw(pixels),
    });
    this.pad.element.hidden = true;
    this.button = button("latent-plane-draw", texts.draw, () => this.toggle());
    this.button.setAttribute("aria-expanded", "false");
    // What has yet to be shown; undefined where there is no such thing.
    this.latest = /** @type {Uint8Array<ArrayBuffer> | null | undefined} */ (undefined);
    this.asking = false;
  }

  toggle() {
    const { element } = this.pad;
    element.hidden = !element.hidden;
    this.button.setAttribute("aria-expanded", String(!element.hidden));
    if (element.hidden) this.pad.clear();
    else element.scrollIntoView({ block: "nearest" });
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
      await Promise.all(this.planes.map((plane, at) => this.show(plane, at, pixels)));
    }
    this.asking = false;
  }

  /**
   * @param {Plane} plane
   * @param {number} at
   * @param {Uint8Array<ArrayBuffer> | null} pixels
   */
  async show(plane, at, pixels) {
    if (!pixels) return plane.overlay.show({ drawn: null }), this.on.show(at, null);
    try {
      const { mu, log_var: logVar } = await plane.encode(pixels);
      const place = plane.space.place(mu);
      /** @type {Mark[]} */
      const marks = [{ kind: "drawn", place }];
      if (logVar) {
        const covariance = plane.space.covariance(logVar.map(Math.exp));
        marks.unshift({ kind: "ellipse", place, covariance, className: "drawn" });
      }
      plane.overlay.show({ drawn: marks });
      this.on.show(at, mu);
      this.on.encode(at, pixels, { mu, log_var: logVar });
    } catch (error) {
      console.error(error);
      this.on.fail();
    }
  }
}
