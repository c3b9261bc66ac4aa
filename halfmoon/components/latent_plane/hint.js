// Hints in three short steps for a first visit; dismissed once, they never return in this browser.

import { button, element } from "../shared/dom.js";

const KEY = "halfmoon-hint-seen";

/** @import { Texts } from "../shared/dom.js" */

/** @param {Texts} texts */
export function hint(texts) {
  if (seen()) return null;
  const steps = [texts.hint_move, texts.hint_click, texts.hint_compare].map((step) => element("li", "", step));
  const box = element("aside", "latent-plane-hint", element("ol", "", ...steps));
  box.append(
    button("", texts.hint_done, () => {
      remember();
      box.remove();
    }),
  );
  return box;
}

function seen() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // a browser that keeps nothing
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // it will be shown again
  }
}
