// What of a plane stands on the page: its head with the tools, its board, and the words on it.

import { element, fill, kindMark } from "../shared/dom.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { PlaneSpec } from "./data.d.ts" */

const SAID = 1800; // ms for which it is said how to zoom

export class Face {
  /**
   * @param {PlaneSpec} spec
   * @param {Texts} texts
   * @param {Element} tools
   * @param {Element[]} drawn from below
   */
  constructor(spec, texts, tools, ...drawn) {
    this.texts = texts;
    this.message = element("div", "latent-plane-message");
    this.outside = element("div", "latent-plane-outside");
    this.said = element("div", "latent-plane-said");
    this.said.ariaHidden = "true";
    this.guests = element("div", "latent-plane-guests");
    this.hushing = 0;
    this.board = element("div", "latent-plane-board", this.outside, ...drawn, this.message, this.guests, this.said);
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.board.setAttribute("aria-label", spec.label);
    const head = element("div", "latent-plane-head", heading(spec), tools);
    this.element = element("section", "latent-plane-plane", head, this.board);
  }

  /**
   * A message in the middle of the plane, or a note at its edge.
   * @param {string} words
   */
  say(words, isNote = false) {
    this.message.textContent = words;
    this.message.classList.toggle("latent-plane-note", isNote);
  }

  /**
   * @param {number} shown of the codes
   * @param {number} total
   */
  sayThinned(shown, total) {
    this.say(fill(this.texts.thinned, { shown: shown.toLocaleString(), total: total.toLocaleString() }), true);
  }

  /** @param {number} count of the codes that lie outside of what is in view */
  sayOutside(count) {
    this.outside.textContent = count ? fill(this.texts.outside, { count: count.toLocaleString() }) : "";
  }

  /** @param {string} words about dots that are not where the plane's own model puts them */
  sayGuests(words) {
    this.guests.textContent = words;
  }

  /**
   * Says for a moment how one zooms.
   * @param {string} key to be held
   */
  sayHow(key) {
    this.said.textContent = fill(this.texts.how_to_zoom, { key });
    this.board.classList.add("saying");
    clearTimeout(this.hushing);
    this.hushing = setTimeout(() => this.board.classList.remove("saying"), SAID);
  }
}

/** @param {PlaneSpec} spec */
function heading({ title, subtitle, colour }) {
  const small = element("small", "", subtitle);
  return element("h2", "hm-plane", kindMark(title, colour), " ", small);
}
