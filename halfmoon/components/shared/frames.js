// Which frame the films show, for the charts that mark it: they are mounted elsewhere on the page, and import the same
// module, which a browser loads but once.

/** @type {Set<(frame: number) => void>} */
const watchers = new Set();
let shown = 0;

/**
 * From now on this frame is shown.
 * @param {number} frame
 */
export function showFrame(frame) {
  shown = frame;
  for (const watcher of watchers) watcher(frame);
}

/** The frame that is shown now. */
export const frameShown = () => shown;

/**
 * Calls `watcher` whenever another frame is shown; the function it gives ends that.
 * @param {(frame: number) => void} watcher
 */
export function watchFrame(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
