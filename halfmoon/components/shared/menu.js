// A button that unfolds a menu of actions, in words.

import { button, element } from "./dom.js";
import { byArrows, popup } from "./popup.js";

/** @typedef {{ label: string, act: () => void, isDisabled?: boolean }} Entry */

/**
 * @param {string} sign
 * @param {string} label of the button
 * @param {Entry[]} entries
 */
export function actions(sign, label, entries) {
  const sheet = element("div", "hm-actions");
  sheet.setAttribute("role", "menu");
  sheet.setAttribute("aria-label", label);
  const items = entries.map(({ label, act, isDisabled = false }) => {
    const item = button("", label, () => (sheet.hidePopover(), act()));
    item.setAttribute("role", "menuitem");
    item.disabled = isDisabled;
    return item;
  });
  sheet.append(...items);
  const first = items.find((item) => !item.disabled);
  if (first) first.autofocus = true; // as soon as the menu is open
  byArrows(sheet, items);
  const opener = popup("hm-actions-button", sign, sheet);
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-label", label);
  opener.title = label;
  return element("span", "hm-actions-holder", opener, sheet);
}
