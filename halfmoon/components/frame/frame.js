// The navigation's links: each page as it was left in this tab, else with the run seen last.
// A step of the history each, whose address is whole from the beginning: that is why Streamlit's own is held back.

import { Glossary } from "./glossary.js";

/** @import { Terms } from "./glossary.js" */
/**
 * @typedef {{
 *   base: string, language: string, page: string, shows: Record<string, string[]>, carried: string[], terms: Terms,
 * }} Data
 */

const LINKS = ["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stLogoLink"];
const LINK = LINKS.map((name) => `[data-testid="${name}"]`).join();
const OPEN_DRAWER = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const OPEN_MENU = '[data-testid="stTopNavSection"][aria-expanded="true"]';
const KEY = "halfmoon-pages"; // in the tab's own store

const MAX_WAIT = 5000; // milliseconds for the server to show a page

export default class Frame {
  constructor() {
    this.data = /** @type {Data | null} */ (null); // of the page that is shown
    this.leaving = new AbortController();
    this.going = /** @type {string | null} */ (null); // the page that the server has yet to show
    this.since = -Infinity;
    this.next = /** @type {string | null} */ (null); // the one that was chosen meanwhile
    const { signal } = this.leaving;
    this.glossary = new Glossary(signal);
    document.addEventListener("click", (event) => this.press(event), { capture: true, signal }); // before Streamlit's own
    addEventListener("popstate", ({ isTrusted }) => this.step(isTrusted), { signal });
  }

  /**
   * The server shows `data.page`. Two pages at once would leave a mixture of both in the history.
   * @param {Data} data
   */
  show(data) {
    document.documentElement.lang = data.language; // Streamlit says "en" whatever the texts are
    this.data = data;
    this.glossary.terms = data.terms;
    if (data.page !== this.going) return;
    const { next } = this;
    this.going = this.next = null;
    if (next !== null) this.go(next, data);
  }

  /** @param {boolean} isBackOrForward */
  step(isBackOrForward) {
    if (isBackOrForward) this.going = this.next = null;
    if (this.data) remember(this.data);
  }

  /** @param {MouseEvent} event */
  press(event) {
    const { data } = this;
    if (!data) return;
    remember(data); // whatever is pressed may lead away
    const link = event.target instanceof Element ? event.target.closest(LINK) : null;
    const isForAnotherTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || event.button || isForAnotherTab) return;
    event.preventDefault();
    event.stopPropagation();
    for (const open of [OPEN_DRAWER, OPEN_MENU]) {
      const found = document.querySelector(open);
      if (found instanceof HTMLElement) found.click();
    }
    const page = link instanceof HTMLAnchorElement && link.href ? pageAt(new URL(link.href)) : data.base;
    if (this.isUnderWay()) this.next = page;
    else this.go(page, data);
  }

  isUnderWay() {
    return this.going !== null && performance.now() - this.since < MAX_WAIT;
  }

  /**
   * @param {string} page
   * @param {Data} data
   */
  go(page, data) {
    if (page === pageAt(location)) return;
    const query = queryOf(page, data);
    this.going = page;
    this.next = null;
    this.since = performance.now();
    history.pushState({}, "", (page || "/") + (query && `?${query}`));
    dispatchEvent(new PopStateEvent("popstate")); // Streamlit shows what the address says
  }

  end() {
    this.leaving.abort();
  }
}

/** @param {Data} data */
function remember({ shows }) {
  const { left, run } = known();
  const page = pageAt(location);
  const query = new URLSearchParams(location.search);
  left[page] = query.toString();
  const seen = page in shows ? query.get("run") : null;
  sessionStorage.setItem(KEY, JSON.stringify({ left, run: seen ?? run }));
}

/**
 * With which query the page is opened; what is `carried` stays as it is from page to page.
 * @param {string} page
 * @param {Data} data
 */
function queryOf(page, { shows, carried }) {
  const { left, run } = known();
  /** @type {string[] | undefined} */
  const names = shows[page];
  let query = new URLSearchParams(left[page] ?? "");
  for (const name of carried) query.delete(name);
  const asked = ["run", "with"].flatMap((name) => query.get(name) ?? []);
  if (names && asked.some((name) => !names.includes(name))) query = new URLSearchParams();
  if (!query.toString() && run !== null && names?.includes(run)) query.set("run", run);
  const here = new URLSearchParams(location.search);
  for (const name of carried) for (const value of here.getAll(name)) query.append(name, value);
  return query.toString();
}

/**
 * `left` is the query with which each page was left; `run` is the one that was seen last.
 * @returns {{ left: Record<string, string>, run: string | null }}
 */
function known() {
  return { left: {}, run: null, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
}

/**
 * A page is told by its path, which ends with no slash.
 * @param {{ pathname: string }} address
 */
function pageAt({ pathname }) {
  return pathname.replace(/\/+$/, "");
}
