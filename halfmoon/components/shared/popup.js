// A button that unfolds a sheet beside it: a menu, or some words. The sheet folds at Escape and at a click elsewhere.

import { button, element } from "./dom.js";

const GAP = 4; // pixels between the two
const ENOUGH = 340; // pixels, of the room beneath

/**
 * @param {string} className of the button
 * @param {string} label
 * @param {HTMLElement} sheet
 */
export function popup(className, label, sheet) {
  const made = button(className, label, () => {});
  sheet.classList.add("hm-popup");
  sheet.popover = "auto";
  made.popoverTargetElement = sheet;
  made.setAttribute("aria-expanded", "false");
  const follow = () => place(sheet, made.getBoundingClientRect()); // the button, when the page is scrolled
  sheet.addEventListener("beforetoggle", (event) => {
    const isOpening = /** @type {ToggleEvent} */ (event).newState === "open";
    made.setAttribute("aria-expanded", String(isOpening));
    if (isOpening) follow();
    if (isOpening) document.addEventListener("scroll", follow, true);
    else document.removeEventListener("scroll", follow, true);
  });
  return made;
}

/**
 * Where there is more room: below the button or above it, with its left edge or its right one.
 * @param {HTMLElement} sheet
 * @param {DOMRect} box
 */
function place({ style }, { left, right, top, bottom }) {
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isBelow = height - bottom >= Math.min(ENOUGH, top);
  const isLeft = left <= width - right;
  style.top = isBelow ? `${bottom + GAP}px` : "auto";
  style.bottom = isBelow ? "auto" : `${height - top + GAP}px`;
  style.left = isLeft ? `${left}px` : "auto";
  style.right = isLeft ? "auto" : `${width - right}px`;
  style.setProperty("--room", `${(isLeft ? width - left : right) - GAP}px`);
  style.maxHeight = `${(isBelow ? height - bottom : top) - 3 * GAP}px`;
}

/**
 * A menu of which one entry is chosen, for a popup. Arrow keys move through it.
 * @template Key
 * @param {string} label
 * @param {{ key: Key, name: string, about: string }[]} entries
 * @param {() => Key} chosen
 * @param {(key: Key) => void} choose
 */
export function menu(label, entries, chosen, choose) {
  const sheet = element("div", "hm-menu");
  sheet.setAttribute("role", "menu");
  sheet.setAttribute("aria-label", label);
  const items = entries.map(({ key, name, about }) => {
    const item = button("", "", () => {
      sheet.hidePopover();
      choose(key);
    });
    item.append(element("b", "", name), element("small", "", about));
    item.setAttribute("role", "menuitemradio");
    item.setAttribute("aria-label", name);
    return item;
  });
  sheet.append(...items);
  sheet.addEventListener("beforetoggle", () => {
    items.forEach((item, at) => item.setAttribute("aria-checked", String(entries[at].key === chosen())));
  });
  sheet.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    items.find((_, at) => entries[at].key === chosen())?.focus({ preventScroll: true });
  });
  byArrows(sheet, items);
  return sheet;
}

/**
 * Arrow keys, Home and End move through the entries of a menu that are not disabled.
 * @param {HTMLElement} sheet
 * @param {HTMLButtonElement[]} items
 */
export function byArrows(sheet, items) {
  sheet.addEventListener("keydown", (event) => {
    const able = items.filter((item) => !item.disabled);
    const at = able.findIndex((item) => item === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    able.at(next % able.length)?.focus();
  });
}
