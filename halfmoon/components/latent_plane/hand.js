// The pointer and the keyboard on a plane: the code under them, and the choice of it.

/** @import { Area } from "../shared/area.js" */
/** @import { Listener } from "./surroundings.d.ts" */
/** @import { Plane } from "./plane.js" */
/** @typedef {[code: number[], point: number | null]} Spot and the index of the point there, if there is one */

const HIT_DISTANCE = 4; // pixels: a pointer no farther than this from a point is on the point
const STILL = 8; // pixels: a press that moves farther is no click
/** @type {Record<string, [across: number, up: number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const STEP = 1 / 60; // of the view; with Shift five times as far

export class Hand {
  /**
   * @param {Plane} plane
   * @param {Listener} on
   */
  constructor(plane, on) {
    this.plane = plane;
    this.on = on;
    this.cursor = /** @type {number[] | null} */ (null); // the place that the keyboard is at
    this.isFinger = false; // the last that has pointed here
    this.press = /** @type {{ event: PointerEvent, far: number } | null} */ (null);
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    const { board } = plane;
    board.addEventListener("pointerdown", (event) => this.begin(event), true);
    board.addEventListener("pointermove", (event) => this.hover(event));
    board.addEventListener("pointerleave", () => this.leave());
    board.addEventListener("pointercancel", () => this.cancel());
    // On the document, for Plotly covers the page while one drags.
    document.addEventListener("pointermove", (event) => this.track(event), { capture: true, signal });
    document.addEventListener("pointerup", (event) => this.release(event), { capture: true, signal });
    board.addEventListener("keydown", (event) => this.key(event));
    board.addEventListener("blur", () => this.leave());
  }

  /** @param {PointerEvent} event */
  begin(event) {
    this.press = this.inside(event) && { event, far: 0 };
  }

  /**
   * How far from where it began a press has been: a lasso may end there.
   * @param {PointerEvent} event
   */
  track({ clientX, clientY }) {
    if (!this.press) return;
    const { event, far } = this.press;
    this.press.far = Math.max(far, Math.hypot(clientX - event.clientX, clientY - event.clientY));
  }

  /** @param {PointerEvent} event */
  release(event) {
    this.track(event);
    const { press } = this;
    this.press = null;
    if (press && press.far <= STILL) this.choose(press.event); // where it was pressed; the hand may have moved on
  }

  /**
   * The pixel of an event in the drawing area, null outside of it.
   * @param {MouseEvent} event
   * @returns {{ pixel: [number, number], area: Area } | null}
   */
  inside(event) {
    const area = this.plane.area();
    if (!area) return null;
    const box = this.plane.plot.getBoundingClientRect();
    /** @type {[number, number]} */
    const pixel = [event.clientX - box.left - area.left, event.clientY - box.top - area.top];
    const isInside = pixel[0] >= 0 && pixel[0] <= area.width && pixel[1] >= 0 && pixel[1] <= area.height;
    return isInside ? { pixel, area } : null;
  }

  // What was begun is something else.
  cancel() {
    this.press = null;
    this.leave();
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (event.buttons && event.pointerType === "mouse") return this.leave(); // a drag
    const at = this.inside(event);
    if (!at) return this.leave();
    this.isFinger = event.pointerType === "touch";
    this.on.hover(this.plane, ...this.spot(at.pixel, at.area));
  }

  leave() {
    this.cursor = null;
    this.on.leave(this.plane);
  }

  /** @param {PointerEvent} event */
  choose(event) {
    const at = this.inside(event);
    if (at) this.on.choose(this.plane, ...this.spot(at.pixel, at.area));
  }

  /**
   * The code at a pixel.
   * @param {[number, number]} pixel
   * @param {Area} area
   * @returns {Spot}
   */
  spot(pixel, area) {
    const { plane } = this;
    const point = this.nearest(pixel, area, HIT_DISTANCE);
    if (point !== null && plane.points) return [plane.points.code(point), point];
    return [plane.codeAt(area.toPlace(pixel).slice(0, plane.dims)), null];
  }

  /**
   * The index of the nearest point that can be seen, no farther than `reach` pixels; null where there is none.
   * @param {[number, number]} pixel
   * @param {Area} area
   */
  nearest(pixel, area, reach = Infinity) {
    const { plane } = this;
    const { xs, ys } = plane;
    const [x, y] = area.toPlace(pixel);
    let least = reach ** 2;
    let point = null;
    for (let index = 0; index < xs.length; index++) {
      const toSide = (xs[index] - x) * area.perX;
      const upwards = (ys[index] - y) * area.perY;
      const distance = toSide * toSide + upwards * upwards;
      if (distance <= least && plane.isSeen(index)) {
        least = distance;
        point = index;
      }
    }
    return point;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { plane } = this;
    const area = plane.area();
    if (!plane.source || !area) return;
    const at = this.cursor ?? plane.space.place(plane.surroundings.through(plane));
    if (STEPS[event.key]) {
      this.isFinger = false;
      this.cursor = moved(at, STEPS[event.key], event.shiftKey ? 5 * STEP : STEP, area);
      this.on.hover(plane, plane.codeAt(this.cursor), null);
      this.on.announce(plane, plane.className(this.nearest(area.toPixel(this.cursor), area)));
    } else if (event.key === "Enter" || event.key === " ") {
      this.on.choose(plane, plane.codeAt(at), null);
    } else if (event.key === "Escape") {
      this.leave();
    } else {
      return;
    }
    event.preventDefault();
  }

  remove() {
    this.leaving.abort();
  }
}

/**
 * A place some way off, in view.
 * @param {number[]} place
 * @param {[across: number, up: number]} direction
 * @param {number} step a share of the view
 * @param {Area} area
 */
function moved(place, direction, step, { view }) {
  return place.map((value, axis) => {
    const [low, high] = axis === 0 ? view.x : view.y;
    return Math.min(high, Math.max(low, value + direction[axis] * step * (high - low)));
  });
}
