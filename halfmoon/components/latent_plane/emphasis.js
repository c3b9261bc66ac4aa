// Which points of a plane stand out: those of a class that is pointed at, and the test images that are selected, by an
// outline drawn on this plane or on the other.

import { cornersOf, isWithin, simplified } from "./selection.js";
import { short } from "./viewport.js";

/** @import { Plane } from "./plane.js" */
/** @import { Corner, Selected } from "./selection.js" */

const FAINT = 0.25; // of the lanes of classes that are not pointed at

export class Emphasis {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.selected = /** @type {Set<number> | null} */ (null); // positions of test images
    this.label = /** @type {number | null} */ (null); // of the class that is pointed at
  }

  // That of the class that is pointed at and seen.
  get bright() {
    return this.label === null || this.plane.hidden.has(this.label) ? null : this.label;
  }

  // Whether a point stands out; null where all are alike.
  standingOut() {
    const { selected, bright } = this;
    const { points, board } = this.plane;
    board.classList.toggle("lit", selected !== null || bright !== null);
    if (!points || (!selected && bright === null)) return null;
    return (/** @type {number} */ index) =>
      (bright === null || points.labels[index] === bright) && (!selected || selected.has(points.position(index)));
  }

  /**
   * The hand has drawn an outline, or pressed without drawing one.
   * @param {Selected} [event]
   */
  mark(event) {
    const { plane } = this;
    const area = plane.area();
    const corners = cornersOf(event);
    if (!area || !corners.length) return;
    const { x: across, y: up } = area.view;
    /** @type {Corner[]} */
    const drawn = simplified(corners, area).map(([x, y]) => [short(x, across), short(y, up)]);
    const isHit = plane.xs.some((x, index) => plane.isSeen(index) && isWithin(drawn, x, plane.ys[index]));
    plane.axes.change({ selections: [] }); // ours is drawn instead
    plane.on.select(plane, isHit ? drawn : []);
  }

  /**
   * Shows what the hand is drawing: Plotly's own line would lie beneath the dots.
   * @param {Selected} [event]
   */
  outline(event) {
    const corners = cornersOf(event);
    if (corners.length) this.plane.overlay.show({ outline: { kind: "outline", place: corners[0], corners } });
  }

  /**
   * @param {Set<number> | null} positions of test images that stand out; null for none
   * @param {Corner[] | null} outline that they were chosen by, on this plane
   */
  select(positions, outline) {
    this.selected = positions;
    this.plane.overlay.show({ outline: outline && { kind: "outline", place: outline[0], corners: outline } });
    this.plane.drawOver();
  }

  /** @param {number | null} label of a class that is pointed at */
  point(label) {
    this.label = label;
    this.showClasses();
  }

  // Other classes are hidden, or pointed at.
  showClasses() {
    const { plot, hidden, axes } = this.plane;
    const labels = (plot.data ?? []).map(({ meta }) => meta?.label ?? -1);
    const visible = labels.map((label) => !hidden.has(label));
    const opacity = labels.map((label) => (this.bright === null || label === this.bright ? 1 : FAINT));
    if (labels.length) axes.restyle({ visible, opacity }, [...labels.keys()]);
    this.plane.drawOver();
  }
}
