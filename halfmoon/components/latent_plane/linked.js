// What is the same on all planes: the classes that are seen, the test images that are selected, and whose codes the dots
// of the last plane show.

import { button, fill } from "../shared/dom.js";
import { Legend } from "../shared/legend.js";
import { isWithin } from "./selection.js";
import { Sheet } from "./sheet.js";

/** @import { Board } from "./board.js" */
/** @import { Scene, View } from "./data.d.ts" */
/** @import { Plane } from "./plane.js" */
/** @import { Corner } from "./selection.js" */

export class Linked {
  /**
   * @param {Scene} scene
   * @param {Board} board
   * @param {Set<number>} hidden labels
   * @param {object} on
   * @param {(change: Partial<View>) => void} on.change
   * @param {(words: string) => void} on.announce
   */
  constructor({ texts, classes, planes }, board, hidden, on) {
    this.texts = texts;
    this.board = board;
    this.hidden = hidden;
    this.on = on;
    this.view = /** @type {View | null} */ (null); // as it is shown
    this.legend = new Legend("latent-plane-legend", texts, classes, hidden, {
      hide: (labels) => on.change({ hide: labels.toSorted((one, other) => one - other) }),
      point: (label) => {
        for (const plane of board.planes) plane.emphasis.point(label);
      },
    });
    this.sheet = new Sheet(texts, () => this.clear());
    const kinds = planes.map(({ title }) => title);
    this.travel = button("latent-plane-travel", kinds.join(" ⇄ "), () => this.change());
    this.travel.title = fill(texts.travel_title, { here: kinds[1], there: kinds[0] });
    this.travel.hidden = true; // until there are two planes with the same images
    this.leaving = new AbortController();
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.leaving.signal });
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    if (key === "Escape" && !document.querySelector(":popover-open, [role=dialog]")) this.clear();
  }

  clear() {
    if (this.view?.lasso.length) this.on.change({ lasso: [] });
  }

  /**
   * A plane has its points, or other images than before.
   * @param {View} view
   */
  refresh(view) {
    const [first, second] = this.board.planes;
    if (first.points) this.legend.count(first.points.labels);
    const other = first.journey.population;
    this.travel.hidden = !other || !second?.journey.hasSame(other);
    this.select(view);
  }

  /** @param {View} view from now on */
  show(view) {
    const before = this.view;
    this.view = view;
    const isHidden = before?.hide.join() !== view.hide.join();
    if (isHidden) this.hide(view.hide);
    if (isHidden || before?.lasso.join() !== view.lasso.join()) this.select(view);
  }

  /** @param {number[]} labels */
  hide(labels) {
    this.hidden.clear();
    for (const label of labels) this.hidden.add(label);
    this.legend.show();
    for (const plane of this.board.planes) plane.emphasis.showClasses();
  }

  /** @param {View} view */
  select(view) {
    const { planes } = this.board;
    const [drawnOn, outline] = selectionIn(view, planes);
    const indices = drawnOn && indicesWithin(outline, drawnOn);
    const images = indices && new Set(indices.map((index) => drawnOn.points?.position(index) ?? index));
    for (const plane of planes) plane.emphasis.select(images, plane === drawnOn ? outline : null);
    this.sheet.show(drawnOn, indices);
  }

  /**
   * Whether a place lies beside what is selected, and a press there clears it.
   * @param {Plane} plane
   * @param {number[]} code
   */
  isBeside(plane, code) {
    const { view, board } = this;
    if (!view?.lasso.length) return false;
    const [drawnOn, outline] = selectionIn(view, board.planes);
    const [x, y] = plane.space.place(code);
    if (plane !== drawnOn) return true;
    if (plane.dims > 1) return !isWithin(outline, x, y);
    return outline.every(([corner]) => corner < x) || outline.every(([corner]) => corner > x); // in whatever lane
  }

  // The dots of the last plane go to where the other model puts their images, or back.
  change() {
    const [first, { journey, face }] = this.board.planes;
    const host = journey.host ? null : first.journey.population;
    journey.go(host);
    const words = host ? fill(this.texts.travelled, { there: first.spec.title }) : "";
    face.sayGuests(words);
    this.on.announce(words);
    this.travel.setAttribute("aria-pressed", String(host !== null));
  }

  remove() {
    this.leaving.abort();
  }
}

/**
 * The plane that a selection was drawn on, and its outline there.
 * @param {View} view
 * @param {Plane[]} planes
 * @returns {[Plane | null, Corner[]]}
 */
function selectionIn({ lasso: [at, ...ends] }, planes) {
  /** @type {Corner[]} */
  const corners = [];
  for (let from = 0; from + 1 < ends.length; from += 2) corners.push([ends[from], ends[from + 1]]);
  const plane = planes[at];
  return corners.length && plane?.points ? [plane, corners] : [null, []];
}

/**
 * The indices of the points within an outline.
 * @param {Corner[]} outline
 * @param {Plane} plane
 */
function indicesWithin(outline, { xs, ys }) {
  const found = [];
  for (let index = 0; index < xs.length; index++) if (isWithin(outline, xs[index], ys[index])) found.push(index);
  return found;
}
