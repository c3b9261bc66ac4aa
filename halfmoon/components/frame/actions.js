// Two actions of the frame: the link to what is shown, and the view for a room.

import { button, element } from "../shared/dom.js";

/** @import { Texts } from "../shared/dom.js" */

const SAID = 2000; // milliseconds that "Copied" stays

export class Actions {
  /**
   * @param {HTMLElement} root
   * @param {(isPresenting: boolean) => void} present
   */
  constructor(root, present) {
    this.texts = /** @type {Texts} */ ({});
    this.copying = button("frame-copy", "", () => this.copy());
    this.presenting = button("frame-present", "", () => {
      const isPresenting = this.presenting.ariaPressed !== "true";
      this.showPresent(isPresenting); // at once; the address follows
      present(isPresenting);
    });
    this.said = element("span", "frame-said");
    this.said.setAttribute("role", "status");
    this.link = element("input", "frame-link");
    Object.assign(this.link, { readOnly: true, hidden: true });
    this.link.addEventListener("blur", () => (this.link.hidden = true));
    this.link.addEventListener("keydown", ({ key }) => key === "Escape" && this.copying.focus());
    root.append(this.copying, this.presenting, this.said, this.link);
  }

  /**
   * @param {Texts} texts
   * @param {boolean} isPresenting
   */
  show(texts, isPresenting) {
    this.texts = texts;
    name(this.copying, "link", texts.copy);
    name(this.presenting, "co_present", texts.present);
    this.presenting.title = texts.present_help;
    this.link.ariaLabel = texts.copy_by_hand;
    this.showPresent(isPresenting);
  }

  /** @param {boolean} isPresenting */
  showPresent(isPresenting) {
    this.presenting.ariaPressed = String(isPresenting);
    document.documentElement.toggleAttribute("data-present", isPresenting);
  }

  /** A browser lends its clipboard only to a page that it trusts: else the link is there to be copied by hand. */
  async copy() {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      Object.assign(this.link, { value: link, hidden: false });
      this.link.focus();
      this.link.select();
      return;
    }
    this.said.textContent = this.texts.copied;
    name(this.copying, "check", this.texts.copied);
    setTimeout(() => {
      this.said.textContent = "";
      name(this.copying, "link", this.texts.copy);
    }, SAID);
  }
}

/**
 * @param {HTMLElement} named
 * @param {string} icon
 * @param {string} word
 */
function name(named, icon, word) {
  const sign = element("span", "frame-icon", icon);
  sign.ariaHidden = "true";
  named.replaceChildren(sign, element("span", "frame-word", word));
  named.ariaLabel = word;
  named.title = word;
}
