// Hints in three short steps for a first visit; dismissed once, they never return in this browser.

import { button, element } from "../shared/dom.js";

const KEY = "halfmoon-hint-seen";

/** @import { Texts } from "../shared/dom.js" */

/** @param {Texts} texts */
export function hint(texts) {
  if (!isFirstVisit()) return null;
  const steps = [texts.hint_move, texts.hint_click, texts.hint_compare].map((step) => element("li", "", step));
  const box = element("aside", "latent-plane-hint", element("ol", "", ...steps));
  box.append(
    button("", texts.hint_done, () => {
      rememberVisit();
      box.remove();
    }),
  );
  return box;
}

// Whether nothing of what explains the page has been put away yet.
export function isFirstVisit() {
  try {
    return localStorage.getItem(KEY) === null;
  } catch {
    return true; // a browser that keeps nothing
  }
}

export function rememberVisit() {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // it will be shown again
  }
}
