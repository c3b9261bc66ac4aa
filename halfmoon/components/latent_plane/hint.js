// A hint in one line for a first visit, as the page and the hand have it; dismissed once, it never returns in this
// browser.

import { button, element } from "../shared/dom.js";

const KEY = "halfmoon-hint-seen";

/** @import { Scene } from "./data.d.ts" */

/** @param {Scene} scene */
export function hint({ texts, planes, is_answered: isAnswered }) {
  if (!isFirstVisit()) return null;
  const isFinger = matchMedia("(pointer: coarse)").matches;
  const onMouse = [texts.hint_move, isAnswered && texts.hint_click, planes.length > 1 && texts.hint_other];
  const sentences = isFinger ? [isAnswered ? texts.hint_tap : texts.hint_slide] : onMouse;
  const words = sentences.flatMap((sentence) => (sentence ? [element("span", "", sentence)] : []));
  const box = element("aside", "latent-plane-hint", element("p", "", ...words));
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
