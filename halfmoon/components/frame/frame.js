// The frame: each page opens as it was left, with the present pair; a step of the history is a page, or a pair on it.
// A page's address is whole from the beginning: that is why Streamlit's own step is held back.

import { Actions } from "./actions.js";
import { hand } from "./early.js";
import { Glossary } from "./glossary.js";
import { queryOf, remember } from "./memory.js";
import { isOneStep, pageAt, readable } from "./places.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Terms } from "./glossary.js" */
/** @import { Shows } from "./places.js" */
/**
 * @typedef {{
 *   base: string, language: string, page: string, shows: Shows, carried: string[], present: boolean, texts: Texts,
 *   terms: Terms, wrong: string,
 * }} Data
 */

const OPEN_DRAWER = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const OPEN_MENU = '[data-testid="stTopNavSection"][aria-expanded="true"]';

const MAX_WAIT = 5000; // milliseconds for the server to show a page

export default class Frame {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.data = /** @type {Data | null} */ (null); // of the page that is shown
    this.report = (/** @type {boolean} */ _isPresenting) => {};
    this.leaving = new AbortController();
    this.going = /** @type {string | null} */ (null); // the page that the server has yet to show
    this.since = -Infinity;
    this.next = /** @type {string | null} */ (null); // the one that was chosen meanwhile
    this.wish = /** @type {boolean | null} */ (null); // to present or not, pressed meanwhile
    this.actions = new Actions(root, (isPresenting) => this.present(isPresenting));
    const { signal } = this.leaving;
    this.glossary = new Glossary(signal);
    document.addEventListener("click", () => this.leave(), { capture: true, signal }); // whatever is pressed may lead away
    addEventListener("popstate", ({ isTrusted }) => this.step(isTrusted), { signal });
    this.written = /** @type {{ from: string, isStep: boolean } | null} */ (null); // since the last press
    this.takeSteps();
  }

  /**
   * The server shows `data.page`. Two pages at once would leave a mixture of both in the history.
   * @param {Data} data
   * @param {(isPresenting: boolean) => void} report
   */
  show(data, report) {
    document.documentElement.lang = data.language; // Streamlit says "en" whatever the texts are
    const skip = document.querySelector('[data-testid="stSkipToContent"]'); // and its first link has English words
    if (skip) skip.textContent = data.texts.skip;
    this.data = data;
    this.report = report;
    forget(data.wrong);
    this.glossary.terms = data.terms;
    this.actions.show(data.texts, this.wish ?? data.present);
    if (data.page === this.going) {
      const { next, wish } = this;
      this.going = this.next = null;
      if (next !== null) this.go(next, data);
      else if (wish !== null) this.present(wish);
    }
    hand((link) => this.follow(link, data));
  }

  /**
   * Whoever writes another view of what is shown, or of what is about to be, takes no step of the history. Where the
   * server leads to another page Streamlit writes that one's query to the page that is left first: this is undone.
   */
  takeSteps() {
    const { pushState, replaceState } = History.prototype;
    history.pushState = (state, unused, url) => {
      const { data } = this;
      const address = new URL(url ?? "", location.href);
      const { href: from } = location;
      const isStep = !data || (data.page === pageAt(location) && !isOneStep(address, location, data.shows));
      const isPage = pageAt(address) !== pageAt(location);
      const written = isPage && isSaidTwice(address) ? this.written : null;
      if (written && !written.isStep) replaceState.call(history, history.state, "", written.from);
      (isStep && !written?.isStep ? pushState : replaceState).call(history, state, unused, readable(address));
      this.written = isPage ? null : { from, isStep };
    };
    history.replaceState = (state, unused, url) =>
      replaceState.call(history, state, unused, readable(new URL(url ?? "", location.href)));
  }

  /** @param {boolean} isBackOrForward */
  step(isBackOrForward) {
    if (isBackOrForward) this.going = this.next = this.wish = null;
    this.leave();
  }

  leave() {
    this.written = null;
    if (this.data) remember(this.data.shows);
  }

  /**
   * @param {Element} link of the navigation
   * @param {Data} data
   */
  follow(link, data) {
    this.leave();
    for (const open of [OPEN_DRAWER, OPEN_MENU]) {
      const found = document.querySelector(open);
      if (found instanceof HTMLElement) found.click();
    }
    const page = link instanceof HTMLAnchorElement && link.href ? pageAt(new URL(link.href)) : data.base;
    if (this.isUnderWay()) this.next = page;
    else this.go(page, data);
  }

  /**
   * The server hears nothing of a page that it has yet to show.
   * @param {boolean} isPresenting
   */
  present(isPresenting) {
    const waits = this.isUnderWay();
    this.wish = waits ? isPresenting : null;
    if (!waits) this.report(isPresenting);
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
    const query = queryOf(page, data.shows, data.carried);
    this.going = page;
    this.next = null;
    this.since = performance.now();
    history.pushState({}, "", (page || "/") + (query && `?${query}`));
    dispatchEvent(new PopStateEvent("popstate")); // Streamlit shows what the address says
  }

  end() {
    this.leaving.abort();
    hand(null);
  }
}

/**
 * Whether the address has the very query that the present one has.
 * @param {URL} address
 */
function isSaidTwice(address) {
  return new URL(readable(address), location.href).search === location.search;
}

/**
 * What is said once leaves the address.
 * @param {string} name
 */
function forget(name) {
  const address = new URL(location.href);
  if (!address.searchParams.has(name)) return;
  address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
}
