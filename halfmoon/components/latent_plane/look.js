// What is being looked at, for whatever else on the page says more of it.

const watchers = new Set();
let view = null;

// From now on this view is looked at.
export function look(next) {
  view = next;
  for (const watcher of watchers) watcher(view);
}

// Calls `watcher` with the view, and whenever there is another; the function it gives ends that.
export function watchLook(watcher) {
  watchers.add(watcher);
  if (view) watcher(view);
  return () => watchers.delete(watcher);
}
