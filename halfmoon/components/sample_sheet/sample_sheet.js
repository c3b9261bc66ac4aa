// Sheets of tiles and planes of dots; the one under the pointer is ringed in all of them.

import { element, kindMark } from "../shared/dom.js";
import { make } from "../shared/svg.js";

/** @import { Texts } from "../shared/dom.js" */
/**
 * @typedef {object} Panel the twin of the dataclass in halfmoon/components/sample_sheet/__init__.py
 * @property {string} title
 * @property {string} colour
 * @property {string} sheet
 * @property {[x: number, y: number][]} cloud
 * @property {number[]} classes
 * @property {[x: number, y: number][]} dots
 * @property {string[]} captions
 * @property {number[] | null} certainty
 * @property {string | null} note
 * @property {{ sheet: string, plane: string }} labels
 *
 * @typedef {{ panels: Panel[], side: number, colours: string[], tile: number | null, texts: Texts }} Data
 * @typedef {{ root: HTMLElement, large: HTMLElement, words: HTMLElement }} Figure
 */

const DOT = 1.2; // radii, in hundredths of the plane
const CLOUD = 0.65;
const RING = 3.2;

export default class SampleSheet {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.data = /** @type {Data | null} */ (null);
    this.description = ""; // of the figures
    this.figures = /** @type {Figure[]} */ ([]);
    this.at = /** @type {number | null} */ (null); // the tile that is pointed at, else the pinned one
    this.report = (/** @type {{ at: number | null }} */ _pinned) => {};
    root.onpointerover = ({ target }) => this.point(tileOf(target));
    root.onpointerleave = () => this.point(null);
    root.onclick = ({ target }) => this.pin(tileOf(target));
    root.onkeydown = (event) => this.key(event);
  }

  /**
   * @param {Data} data
   * @param {(pinned: { at: number | null }) => void} report
   */
  show(data, report) {
    this.report = report;
    this.data = data;
    const description = JSON.stringify({ ...data, tile: null });
    if (description !== this.description) {
      this.description = description;
      this.figures = data.panels.map((panel) => figureOf(panel, data));
      this.root.replaceChildren(...this.figures.map(({ root }) => root));
    }
    this.ring("pinned", data.tile);
    this.point(null);
  }

  /** @param {number | null} tile */
  point(tile) {
    this.at = tile ?? this.data?.tile ?? null;
    this.ring("here", this.at);
    this.say(this.at);
  }

  /** @param {number | null} tile the pinned one is let go */
  pin(tile) {
    if (tile !== null) this.report({ at: tile === this.data?.tile ? null : tile });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.data) return;
    const { side } = this.data;
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side };
    const step = steps[event.key];
    if (step) this.point(Math.min(Math.max((this.at ?? 0) + step, 0), side ** 2 - 1));
    else if (event.key === "Enter" && this.at !== null) this.pin(this.at);
    else return;
    event.preventDefault();
  }

  /**
   * @param {"pinned" | "here"} name
   * @param {number | null} tile
   */
  ring(name, tile) {
    if (!this.data) return;
    const { panels, side } = this.data;
    for (const [at, { root }] of this.figures.entries()) {
      for (const mark of /** @type {NodeListOf<SVGElement>} */ (root.querySelectorAll(`.${name}`))) {
        mark.style.display = tile === null ? "none" : "";
        if (tile === null) continue;
        const isTile = mark.tagName === "rect";
        const [x, y] = isTile ? [tile % side, Math.floor(tile / side)] : panels[at].dots[tile];
        mark.setAttribute(isTile ? "x" : "cx", String(x));
        mark.setAttribute(isTile ? "y" : "cy", String(y));
      }
    }
  }

  /** @param {number | null} tile */
  say(tile) {
    if (!this.data) return;
    const { panels, side, texts } = this.data;
    const hint = matchMedia("(pointer: coarse)").matches ? texts.hint_tap : texts.hint;
    for (const [at, { large, words }] of this.figures.entries()) {
      large.hidden = tile === null;
      words.textContent = tile !== null ? panels[at].captions[tile] : at ? "" : hint; // which need be said but once
      if (tile === null) continue;
      const [column, row] = [tile % side, Math.floor(tile / side)];
      large.style.backgroundPosition = `${(100 * column) / (side - 1)}% ${(100 * row) / (side - 1)}%`;
    }
  }
}

/**
 * @param {Panel} panel
 * @param {Data} data
 * @returns {Figure}
 */
function figureOf(panel, { side, colours, texts }) {
  const [large, words] = [element("i"), element("output")];
  large.style.backgroundImage = `url(${panel.sheet})`;
  large.style.backgroundSize = `${100 * side}%`;
  const caption = element("figcaption", "", large, words);
  const title = element("header", "", element("h3", "", kindMark(panel.title, panel.colour)));
  if (panel.note !== null) title.append(scaleOf(panel.note, texts));
  const root = element("figure", "", title, sheetOf(panel, side), planeOf(panel, colours), caption);
  return { root, large, words };
}

/**
 * What the tint of the tiles means.
 * @param {string} note
 * @param {Texts} texts
 */
function scaleOf(note, { sure, unsure }) {
  return element("small", "scale", `${note} `, element("span", "", unsure, element("b"), sure));
}

/**
 * @param {Panel} panel
 * @param {number} side
 */
function sheetOf({ sheet, captions, certainty, labels }, side) {
  const at = (/** @type {number} */ tile) => ({ x: tile % side, y: Math.floor(tile / side) });
  const image = make("image", { href: sheet, width: side, height: side, preserveAspectRatio: "none" });
  const tints = (certainty ?? []).map((sure, tile) => {
    const tint = make("rect", { class: "tint", ...at(tile), width: 1, height: 1 });
    tint.style.setProperty("--unsure", `${Math.round(100 * (1 - sure))}%`);
    return tint;
  });
  const tiles = captions.map((_, tile) => make("rect", { "data-tile": tile, ...at(tile), width: 1, height: 1 }));
  const rings = ["pinned", "here"].map((name) => make("rect", { class: name, width: 1, height: 1 }));
  return picture("sheet", side, labels.sheet, [image, ...tints, ...tiles, ...rings]);
}

/**
 * @param {Panel} panel
 * @param {string[]} colours
 */
function planeOf({ cloud, classes, dots, labels }, colours) {
  const others = cloud.map(([cx, cy], at) => make("circle", { cx, cy, r: CLOUD, fill: colours[classes[at]] }));
  const tiles = dots.map(([cx, cy], tile) => make("circle", { "data-tile": tile, cx, cy, r: DOT }));
  const rings = ["pinned", "here"].map((name) => make("circle", { class: name, r: RING }));
  return picture("plane", 100, labels.plane, [...others, ...tiles, ...rings]);
}

/**
 * @param {string} name
 * @param {number} size
 * @param {string} label
 * @param {SVGElement[]} children
 */
function picture(name, size, label, children) {
  const viewBox = `0 0 ${size} ${size}`;
  return make("svg", { class: name, viewBox, tabindex: 0, role: "img", "aria-label": label }, children);
}

/** @param {EventTarget | null} target */
function tileOf(target) {
  const found = target instanceof Element ? target.closest("[data-tile]") : null;
  return found ? Number(found.getAttribute("data-tile")) : null;
}
