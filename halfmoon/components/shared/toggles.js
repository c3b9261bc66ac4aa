// Rows of buttons that are on or off.

import { button, element } from "./dom.js";

/**
 * @template Key
 * @param {string} className
 * @param {string} label
 * @param {{ key: Key, name: string }[]} entries
 * @param {(key: Key) => boolean} isOn
 * @param {(key: Key) => void} toggle
 */
export function toggles(className, label, entries, isOn, toggle) {
  const root = element("div", className);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  root.title = label;
  for (const { key, name } of entries) {
    const made = button("", name, () => {
      toggle(key);
      made.setAttribute("aria-pressed", String(isOn(key)));
    });
    made.setAttribute("aria-pressed", String(isOn(key)));
    root.append(made);
  }
  return root;
}
