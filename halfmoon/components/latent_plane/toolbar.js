// The tools of a plane: what it is fitted to, how near it is, what a drag does, and the plane as a file. One stop for
// the keyboard; its arrow keys go from tool to tool.

import { button, element } from "../shared/dom.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Zoom } from "./data.d.ts" */
/** @typedef {"zoom" | "pan" | "select" | "lasso"} Drag what a drag does; as Plotly calls it */
/**
 * @typedef {object} Tools
 * @property {(zoom: Zoom) => void} see
 * @property {(times: number) => void} nearer
 * @property {(drag: Drag) => void} drag
 * @property {(format: "png" | "svg") => void} save
 */

// In a square of 16, stroked.
const ICONS = {
  zoom_in: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5 14 14M5 7h4M7 5v4",
  zoom_out: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5 14 14M5 7h4",
  zoom: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M6 6h4v4H6z",
  pan: "M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  select: "M2.5 2.5h3M7 2.5h2.5M11 2.5h2.5v3M13.5 7v2.5M13.5 11v2.5h-3M9 13.5H6.5M5 13.5H2.5v-3M2.5 9V6.5M2.5 5V2.5",
  lasso: "M5 11.5C2.8 10.8 1.5 9.2 1.5 7.2 1.5 4.4 4.4 2.5 8 2.5s6.5 1.9 6.5 4.7S11.6 12 8 12c-1.6 0-3 .5-3 1.3 0 .7.8 1.2 2 1.2",
  png: "M2 5h2.5L6 3h4l1.5 2H14v8H2zM8 6.5a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6",
  svg: "M8 2v8M5 7l3 3 3-3M2.5 11v2.5h11V11",
};
const NEARER = 1 / 1.5;

export class Toolbar {
  /**
   * @param {Texts} texts
   * @param {string} plane its name
   * @param {Tools} tools
   */
  constructor(texts, plane, tools) {
    this.isFinger = window.matchMedia("(pointer: coarse)").matches;
    this.drag = /** @type {Drag | null} */ (this.isFinger ? null : "zoom"); // a finger scrolls the page
    /** @type {(zoom: Zoom, name: string, title: string) => { zoom: Zoom, button: HTMLButtonElement }} */
    const frame = (zoom, name, title) => ({ zoom, button: named(button("", name, () => tools.see(zoom)), title) });
    this.frames = [
      frame(null, texts.fit, texts.fit_title),
      frame("all", texts.fit_all, texts.fit_all_title),
      frame("prior", "3σ", texts.fit_prior_title),
    ];
    const near = [
      icon("zoom_in", texts.zoom_in, () => tools.nearer(NEARER)),
      icon("zoom_out", texts.zoom_out, () => tools.nearer(1 / NEARER)),
    ];
    /** @type {(drag: Drag, title: string) => { drag: Drag, button: HTMLButtonElement }} */
    const drag = (drag, title) => ({ drag, button: icon(drag, title, () => (tools.drag(drag), this.showDrag(drag))) });
    this.drags = [
      drag("zoom", texts.zoom),
      drag("pan", texts.pan),
      drag("select", texts.box),
      drag("lasso", texts.lasso),
    ];
    const files = [
      icon("png", texts.png, () => tools.save("png")),
      icon("svg", texts.svg, () => tools.save("svg")),
    ];
    const groups = [this.frames.map((frame) => frame.button), near, this.drags.map(({ button }) => button), files];
    if (this.isFinger) groups.splice(2, 1);
    this.buttons = groups.flat();
    this.element = element("div", "latent-plane-tools", ...groups.map((group) => element("span", "", ...group)));
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", `${texts.tools}, ${plane}`);
    this.element.addEventListener("keydown", (event) => this.go(event));
    this.element.addEventListener("focusin", ({ target }) => this.rove(target));
    this.rove(this.buttons[0]);
    this.showDrag(this.drag);
    this.show(null);
    this.equip(false);
  }

  /**
   * Before Plotly is there a plane can be fitted only.
   * @param {boolean} isEquipped
   */
  equip(isEquipped) {
    const fitting = new Set(this.frames.map((frame) => frame.button));
    for (const made of this.buttons) made.disabled = !isEquipped && !fitting.has(made);
  }

  /**
   * From now on this is in view.
   * @param {Zoom} zoom
   */
  show(zoom) {
    for (const frame of this.frames) frame.button.setAttribute("aria-pressed", String(frame.zoom === zoom));
  }

  /** @param {Drag | null} chosen */
  showDrag(chosen) {
    this.drag = chosen;
    for (const { drag, button } of this.drags) button.setAttribute("aria-pressed", String(drag === chosen));
  }

  /** @param {KeyboardEvent} event */
  go(event) {
    const ways = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (way === undefined) return;
    const open = this.buttons.filter((made) => !made.disabled);
    const at = open.findIndex((made) => made === document.activeElement) + way;
    open[Math.min(open.length - 1, Math.max(0, at))].focus();
    event.preventDefault();
  }

  /**
   * The one tool that Tab comes to.
   * @param {EventTarget | null} target
   */
  rove(target) {
    for (const made of this.buttons) made.tabIndex = made === target ? 0 : -1;
  }
}

/**
 * @param {HTMLButtonElement} tool
 * @param {string} title
 */
function named(tool, title) {
  tool.title = title;
  return tool;
}

/**
 * @param {keyof typeof ICONS} name
 * @param {string} title
 * @param {() => void} press
 */
function icon(name, title, press) {
  const made = named(button("", "", press), title);
  made.dataset.tool = name;
  made.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  made.setAttribute("aria-label", title);
  return made;
}
