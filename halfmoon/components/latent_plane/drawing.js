// The user's own digit: a place on every plane, already while it is drawn.

import { button, rounded } from "../shared/dom.js";
import { pack, unpack } from "../shared/packed.js";
import { Pad } from "../shared/pad.js";

/** @import { OwnImages } from "./own-images.js" */
/** @import { Board } from "./board.js" */
/** @import { Place, Scene, View } from "./data.d.ts" */

const GREYS = 17; // of the 256, one of 17: no eye and no model sees the difference, and the link is half as long

export class Drawing {
  /**
   * @param {{ side: number, box: number }} images
   * @param {Scene} scene
   * @param {Board} board
   * @param {OwnImages} own
   * @param {object} on
   * @param {() => View} on.view what is looked at
   * @param {(place: Partial<View>) => void} on.preview what is drawn is looked at
   * @param {(place: Partial<View>) => void} on.change the same with the pen up, or what was looked at before
   * @param {(image: string, pixels: Uint8Array<ArrayBuffer>) => void} on.draw all models have encoded this image
   * @param {() => void} on.fail
   */
  constructor({ side, box }, { texts }, board, own, on) {
    this.board = board;
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
    this.before = /** @type {Place | null} */ (null); // what was looked at then
    this.last = /** @type {string | null} */ (null); // the last image that was shown, packed
  }

  toggle() {
    const { element } = this.pad;
    element.hidden = !element.hidden;
    this.button.setAttribute("aria-expanded", String(!element.hidden));
    this.board.element.classList.toggle("drawing", !element.hidden);
    if (!element.hidden) this.resume();
    if (!element.hidden) element.scrollIntoView({ block: "nearest" });
  }

  // Goes on with the image that is looked at.
  async resume() {
    const { image } = this.on.view();
    if (image && this.pad.isEmpty) this.pad.show(await unpack(image));
  }

  // The end of a stroke, all of which may be shown already.
  finish() {
    if (!this.asking && this.pad.frame === null && this.last) this.place(this.last, true);
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

  // What was looked at before is looked at again.
  clear() {
    this.last = null;
    const view = this.on.view();
    if (!view.image) return;
    const { run, code, point } = this.before ?? { ...view, point: null };
    this.on.change({ run, code, point, image: "" });
  }

  /** @param {Uint8Array<ArrayBuffer>} pixels */
  async show(pixels) {
    try {
      const image = await pack(pixels);
      await Promise.all(this.board.planes.map((plane) => this.own.ask(plane, image, pixels)));
      this.last = image;
      this.place(image, !this.pad.isDrawing && this.latest === undefined);
      this.on.draw(image, pixels);
    } catch (error) {
      console.error(error);
      this.on.fail();
    }
  }

  /**
   * Looks at an image that all models have encoded; the server is told of it when the pen is up.
   * @param {string} image packed
   * @param {boolean} isDone
   */
  place(image, isDone) {
    const view = this.on.view();
    const encoded = this.own.encoded(this.board.active(), image);
    if (!encoded) return;
    if (!view.image) this.before = view;
    const place = { code: rounded(encoded.mu), point: null, image };
    if (isDone) this.on.change(place);
    else this.on.preview(place);
  }
}
