// The way from saved places to a walk between two of them.

import { button, element, fill } from "../shared/dom.js";
import { MARK } from "../shared/packed.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Pin } from "./data.d.ts" */

const KEPT_BY_STREAMLIT = ["embed", "embed_options"]; // which its server never sees

export class Walk {
  /**
   * @param {string} address of a walk, without its ends
   * @param {Texts} texts
   */
  constructor(address, texts) {
    this.address = address;
    this.texts = texts;
    this.from = /** @type {number | null} */ (null); // the place that was chosen to begin with
    this.pins = /** @type {Pin[]} */ ([]);
    this.element = element("div", "latent-plane-walk");
  }

  /**
   * Offers the walk between the last two, or from one that was chosen to any other.
   * @param {Pin[]} pins
   */
  show(pins) {
    if (pins.length !== this.pins.length) this.from = null;
    this.pins = pins;
    const { from, texts } = this;
    this.element.hidden = pins.length < 2;
    if (pins.length < 2) return;
    if (from === null) {
      const [start, end] = [pins.length - 2, pins.length - 1];
      const label = fill(texts.walk, { first: start + 1, second: end + 1 });
      return this.element.replaceChildren(this.link(label, start, end));
    }
    const ends = pins.flatMap((_, at) => (at === from ? [] : [this.link(String(at + 1), from, at)]));
    const cancel = button("", "×", () => this.begin(null));
    cancel.setAttribute("aria-label", texts.close);
    this.element.replaceChildren(element("span", "", fill(texts.walk_from_to, { first: from + 1 })), ...ends, cancel);
  }

  /** @param {number | null} from */
  begin(from) {
    this.from = from;
    this.show(this.pins);
    if (from !== null) this.element.querySelector("a")?.focus();
  }

  /**
   * @param {string} label
   * @param {number} start
   * @param {number} end
   */
  link(label, start, end) {
    const link = element("a", "latent-plane-walk-link", label);
    const [first, second] = [start + 1, end + 1];
    link.setAttribute("aria-label", fill(this.texts.walk, { first, second }));
    link.href = this.addressOf(this.pins[start], this.pins[end]);
    link.onclick = (event) => open(event, link.href);
    return link;
  }

  /**
   * @param {Pin} start
   * @param {Pin} end
   */
  addressOf(start, end) {
    const address = `${this.address}&a=${place(start)}&b=${place(end)}`;
    const here = new URLSearchParams(location.search);
    const kept = KEPT_BY_STREAMLIT.flatMap((name) => here.getAll(name).map((value) => `&${name}=${value}`));
    return address + kept.join("");
  }
}

/** @param {Pin} pin */
function place(pin) {
  return typeof pin === "string" ? MARK + pin : `z:${pin.join()}`;
}

/**
 * Within the app, as its own navigation goes: the page is not loaded anew.
 * @param {MouseEvent} event
 * @param {string} address
 */
function open(event, address) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // for another tab
  event.preventDefault();
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}
