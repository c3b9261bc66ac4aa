// The glossary: a link to `#term-NAME`, wherever it is on the page, unfolds the term's sentence beneath it.

import { element } from "../shared/dom.js";

/** @typedef {Record<string, string>} Terms the sentence of each term, by its name */

const PREFIX = "#term-";
const LINK = `a[href^="${PREFIX}"]`;
const MARGIN = 8; // pixels between a card and the edge of the window

export class Glossary {
  /** @param {AbortSignal} signal that the page has gone */
  constructor(signal) {
    this.terms = /** @type {Terms} */ ({});
    this.link = /** @type {Element | null} */ (null); // the one that is unfolded
    this.card = element("div", "hm-term-card");
    this.card.popover = "auto"; // closed by Escape, and by a press elsewhere
    this.card.setAttribute("role", "note");
    this.card.addEventListener("toggle", (event) => {
      const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
      this.link?.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) this.link = null;
    });
    document.body.append(this.card);
    document.addEventListener("click", (event) => this.press(event), { capture: true, signal });
    signal.addEventListener("abort", () => this.card.remove());
  }

  /** @param {MouseEvent} event */
  press(event) {
    const link = event.target instanceof Element ? event.target.closest(LINK) : null;
    const sentence = link && this.terms[link.getAttribute("href")?.slice(PREFIX.length) ?? ""];
    if (!link || !sentence) return;
    event.preventDefault();
    event.stopPropagation();
    const wasOpen = this.link === link; // the press itself has closed it
    if (this.card.matches(":popover-open")) this.card.hidePopover();
    if (wasOpen) return;
    const term = link.getBoundingClientRect(); // before a sheet around it may fold
    this.card.textContent = sentence;
    this.card.showPopover({ source: /** @type {HTMLElement} */ (link) }); // so that a sheet around it stays
    this.link = link;
    this.place(term);
  }

  /**
   * Beneath the term, else above it, within the window.
   * @param {DOMRect} term
   */
  place(term) {
    const { width, height } = this.card.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(term.left, document.documentElement.clientWidth - width - MARGIN));
    const below = term.bottom + MARGIN / 2;
    const isRoom = below + height <= innerHeight - MARGIN;
    const top = isRoom ? below : Math.max(MARGIN, term.top - height - MARGIN / 2);
    Object.assign(this.card.style, { left: `${left}px`, top: `${top}px` });
  }
}
