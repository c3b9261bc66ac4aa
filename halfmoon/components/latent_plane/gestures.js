// Zooming with the wheel, with two fingers and with keys. The wheel alone scrolls the page, as everywhere: it zooms with
// Ctrl or ⌘, which is also what a browser makes of two fingers on a touch pad, or while one moves the plane about.

/** @import { Area, AreaView } from "../shared/area.js" */
/** @import { Plane } from "./plane.js" */

const STILL = 250; // ms after which the wheel has come to rest
const SPEED = 0.003; // of the wheel: the logarithm of the zoom for a pixel
const PINCHING = 0.01; // of two fingers on a touch pad
const NOTCH = 0.25; // the most that one turn does
const LINE = 16; // pixels that a wheel means by a line
/** @type {Record<string, number>} */
const KEYS = { "+": 1 / 1.25, "=": 1 / 1.25, "-": 1.25 };
const COMMAND = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";

let isKnown = false; // that one has zoomed with the wheel: then it need not be said any more

export class Gestures {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.next = /** @type {AreaView | null} */ (null); // that has yet to be drawn
    this.drawing = /** @type {Promise<void> | null} */ (null);
    this.settling = 0;
    this.pinch = /** @type {{ area: Area, place: number[], apart: number } | null} */ (null);
    const { board } = plane;
    board.addEventListener("wheel", (event) => this.wheel(event), { passive: false, capture: true });
    board.addEventListener("keydown", (event) => this.key(event));
    for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
      const touch = (/** @type {Event} */ event) => this.touch(/** @type {TouchEvent} */ (event));
      board.addEventListener(type, touch, { passive: false, capture: true });
    }
    for (const type of ["pointermove", "pointerdown"]) {
      board.addEventListener(type, (event) => this.pinch && event.stopPropagation(), { capture: true });
    }
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const { plane } = this;
    const hasKey = event.ctrlKey || event.metaKey;
    const pixel = plane.hand.inside(event)?.pixel;
    if (!plane.isEquipped || !pixel || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    if (!hasKey && plane.toolbar.drag !== "pan") return isKnown || this.plane.face.sayHow(COMMAND);
    isKnown ||= hasKey;
    event.preventDefault();
    event.stopPropagation();
    const turned = event.deltaY * (event.deltaMode ? LINE : 1) * (hasKey ? PINCHING : SPEED);
    this.zoom(Math.exp(Math.min(NOTCH, Math.max(-NOTCH, turned))), pixel);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "0") this.plane.choose(null);
    else if (KEYS[event.key] && !event.ctrlKey && !event.metaKey) this.zoom(KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  /**
   * A view that is so many times as wide, from the one that is yet to be drawn on; the place at the pixel stays there.
   * @param {number} times
   * @param {[number, number]} [pixel] else the middle
   */
  zoom(times, pixel) {
    const area = this.plane.area();
    if (!area || !this.plane.isEquipped) return;
    const from = this.next ? area.showing(this.next) : area;
    const at = pixel ?? [area.width / 2, area.height / 2];
    this.show(this.plane.viewport.around(from, from.toPlace(at), at, times));
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.end(), STILL);
  }

  /** @param {TouchEvent} event */
  touch(event) {
    const { plane } = this;
    const wasPinching = this.pinch !== null;
    const area = plane.area();
    if (event.touches.length !== 2 || !area || !plane.isEquipped) {
      this.pinch = null;
      if (wasPinching) this.end();
      return;
    }
    if (event.cancelable) event.preventDefault();
    else return; // the page is being scrolled
    event.stopPropagation();
    const { left, top } = plane.plot.getBoundingClientRect();
    const [one, other] = Array.from(event.touches, ({ clientX, clientY }) => [
      clientX - left - area.left,
      clientY - top - area.top,
    ]);
    /** @type {[number, number]} */
    const middle = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const apart = Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    if (!this.pinch) plane.hand.cancel();
    this.pinch ??= { area, place: area.toPlace(middle), apart };
    if (event.type === "touchmove") {
      const { area: begun, place, apart: before } = this.pinch;
      this.show(plane.viewport.around(begun, place, middle, before / apart));
    }
  }

  /** @param {AreaView} view that is to be drawn next */
  show(view) {
    this.next = view;
    this.drawing ??= this.draw();
  }

  // Draws the latest view, one drawing a frame.
  async draw() {
    while (this.next) {
      const { next } = this;
      await this.plane.viewport.glance(next);
      if (this.next === next) this.next = null;
      await new Promise(requestAnimationFrame);
    }
    this.drawing = null;
  }

  // What is in view when all is drawn is what the user has chosen.
  async end() {
    await this.drawing;
    this.plane.settle();
  }

  // What is not drawn yet never is, and what is in view is not for this gesture to say.
  drop() {
    this.next = null;
    clearTimeout(this.settling);
  }
}
