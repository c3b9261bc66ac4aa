// What is being looked at, for whatever else on the page says more of it. A component that is mounted elsewhere on the
// page imports the same module, which a browser loads but once.

/** @import { View } from "./data.d.ts" */

/** @type {Set<(view: View) => void>} */
const watchers = new Set();
/** @type {View | null} */
let view = null;

/**
 * From now on this view is looked at.
 * @param {View} next
 */
export function look(next) {
  view = next;
  for (const watcher of watchers) watcher(next);
}

/**
 * Calls `watcher` with the view, and whenever there is another; the function it gives ends that.
 * @param {(view: View) => void} watcher
 */
export function watchLook(watcher) {
  watchers.add(watcher);
  if (view) watcher(view);
  return () => watchers.delete(watcher);
}
