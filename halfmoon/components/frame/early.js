// Presses on the navigation before the frame is there: Streamlit would open a page bare, so the last one waits. A script
// of the page itself, which the frame imports too.

export const LINKS = ["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stLogoLink"]
  .map((name) => `[data-testid="${name}"]`)
  .join();

/** @typedef {(link: Element) => void} Follow leads to the page of a link of the navigation */

let follow = /** @type {Follow | null} */ (null);
let waiting = /** @type {Element | null} */ (null);

/**
 * The frame is there, and follows the links of the navigation from now on; null once it has gone.
 * @param {Follow | null} frames
 */
export function hand(frames) {
  follow = frames;
  const link = waiting;
  if (!follow || !link) return;
  waiting = null;
  follow(link);
}

/** @param {MouseEvent} event */
function press(event) {
  const link = event.target instanceof Element ? event.target.closest(LINKS) : null;
  const isForAnotherTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || event.button || isForAnotherTab) return;
  event.preventDefault();
  event.stopPropagation();
  if (follow) follow(link);
  else waiting = link;
}

document.addEventListener("click", press, { capture: true }); // before Streamlit's own
