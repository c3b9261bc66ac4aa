// The image at the cursor, small, beside the place that it is of: the eye need not leave the plane for the large one.

import { element } from "../shared/dom.js";
import { paint } from "../shared/picture.js";

/** @import { Area } from "../shared/area.js" */
/** @typedef {{ width: number, height: number }} Size */

const GAP = 16; // pixels between the place and the image, so that no mark is covered
const FINGER = 44; // the same where a finger hides what is around the place

export class Thumbnail {
  /**
   * @param {number[]} shape of the images
   * @param {() => Area | null} area the drawing area, null where there is none yet
   */
  constructor(shape, area) {
    this.shape = shape;
    this.area = area;
    this.canvas = element("canvas", "latent-plane-thumbnail");
    this.canvas.hidden = true;
    this.canvas.setAttribute("aria-hidden", "true"); // the large image says the same
    this.at = /** @type {{ place: number[], isFinger: boolean } | null} */ (null);
    this.size = { width: 0, height: 0 };
  }

  /**
   * @param {ArrayLike<number> | null} pixels null while there are none
   * @param {number[]} place
   * @param {boolean} isFinger
   */
  show(pixels, place, isFinger) {
    if (!pixels) return this.hide();
    this.at = { place, isFinger };
    paint(this.canvas, pixels, this.shape);
    if (this.canvas.hidden) {
      this.canvas.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = this.canvas;
      this.size = { width, height };
    }
    this.draw();
  }

  hide() {
    this.at = null;
    this.canvas.hidden = true;
  }

  draw() {
    const area = this.at && this.area();
    if (!this.at || !area) return;
    const { place, isFinger } = this.at;
    const [left, top] = beside(area.toPixel(place), this.size, area, isFinger);
    this.canvas.style.transform = `translate(${area.left + left}px, ${area.top + top}px)`;
  }
}

/**
 * The upper left corner of a box beside a pixel, within the bounds wherever these have room for it: to the right of a
 * pointer and above it, above a finger; else on the other side.
 * @param {[number, number]} pixel
 * @param {Size} size
 * @param {Size} bounds
 * @param {boolean} isFinger
 * @returns {[left: number, top: number]}
 */
export function beside([x, y], { width, height }, bounds, isFinger) {
  const gap = isFinger ? FINGER : GAP;
  const isRoomAbove = y - gap - height >= 0;
  if (isFinger && isRoomAbove) return [within(x - width / 2, width, bounds.width), y - gap - height];
  const isRoomRight = x + gap + width <= bounds.width;
  const left = isRoomRight ? x + gap : x - gap - width;
  if (isFinger) return [left, within(y - height / 2, height, bounds.height)];
  return [left, isRoomAbove ? y - gap - height : y + gap];
}

/**
 * @param {number} start
 * @param {number} length
 * @param {number} bound
 */
function within(start, length, bound) {
  return Math.max(0, Math.min(bound - length, start));
}
