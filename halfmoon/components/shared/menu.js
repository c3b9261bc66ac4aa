// A button that opens a menu of words: with the pointer, a finger or the keyboard.

import { button, element } from "./dom.js";

/** @typedef {{ label: string, act: () => void, isDisabled?: boolean }} Entry */

/** @type {Record<string, (at: number, count: number) => number>} */
const STEPS = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * The menu closes by itself where something else is pressed, or Escape.
 * @param {string} sign
 * @param {string} label of the button
 * @param {Entry[]} entries
 */
export function menu(sign, label, entries) {
  const items = entries.map(({ label, act, isDisabled = false }) => {
    const item = button("", label, () => (list.hidePopover(), act()));
    item.setAttribute("role", "menuitem");
    item.disabled = isDisabled;
    return item;
  });
  const list = element("div", "hm-menu", ...items);
  const first = items.find((item) => !item.disabled);
  if (first) first.autofocus = true; // as soon as the menu is open
  list.popover = "auto";
  list.setAttribute("role", "menu");
  list.setAttribute("aria-label", label);
  const opener = button("hm-menu-button", sign, () => {});
  opener.popoverTargetElement = list;
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-label", label);
  opener.title = label;
  list.addEventListener("toggle", ({ newState }) => {
    opener.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    place(list, opener);
  });
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const able = items.filter((item) => !item.disabled);
    able[step(able.indexOf(/** @type {HTMLButtonElement} */ (event.target)), able.length)]?.focus();
  });
  return element("span", "hm-menu-holder", opener, list);
}

/**
 * Beneath the opener, or above it where there is no room; within the window.
 * @param {HTMLElement} list
 * @param {HTMLElement} opener
 */
function place(list, opener) {
  const { left, bottom, top } = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const isRoomBelow = bottom + height <= window.innerHeight;
  list.style.left = `${Math.max(4, Math.min(left, window.innerWidth - width - 4))}px`;
  list.style.top = `${isRoomBelow ? bottom + 2 : Math.max(4, top - height - 2)}px`;
}
