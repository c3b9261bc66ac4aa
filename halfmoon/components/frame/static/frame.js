// Where the navigation leads: to each page as it was left in this tab, else with the run that was seen last.
// A step of the history each, whose address is whole from the beginning: that is why Streamlit's own is held back.

const LINKS = ["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stLogoLink"];
const LINK = LINKS.map((name) => `[data-testid="${name}"]`).join();
const OPEN_DRAWER = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const OPEN_MENU = '[data-testid="stTopNavSection"][aria-expanded="true"]';
const KEY = "halfmoon-pages"; // in the tab's own store

const LONGEST_WAIT = 5000; // milliseconds for the server to show a page

// Called anew with every page that the server shows.
export default function ({ parentElement, data }) {
  document.documentElement.lang = data.language; // Streamlit says "en" whatever the texts are
  const root = parentElement.querySelector(".frame");
  root.way ??= new Way();
  root.way.arrive(data);
  return () => setTimeout(() => root.isConnected || root.way.leave(), 1000);
}

class Way {
  constructor() {
    this.leaving = new AbortController();
    this.going = null; // the page that the server has yet to show
    this.next = null; // the one that was chosen meanwhile
    const { signal } = this.leaving;
    document.addEventListener("click", (event) => this.press(event), { capture: true, signal }); // before Streamlit's own
    addEventListener("popstate", ({ isTrusted }) => this.step(isTrusted), { signal });
  }

  // The server shows `data.page`. Two pages at once would leave a mixture of both in the history.
  arrive(data) {
    this.data = data;
    if (data.page !== this.going) return;
    const { next } = this;
    this.going = this.next = null;
    if (next !== null) this.go(next);
  }

  step(isBackOrForward) {
    if (isBackOrForward) this.going = this.next = null;
    remember(this.data);
  }

  press(event) {
    remember(this.data); // whatever is pressed may lead away
    const link = event.target.closest?.(LINK);
    const isForAnotherTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || event.button || isForAnotherTab) return;
    event.preventDefault();
    event.stopPropagation();
    for (const open of [OPEN_DRAWER, OPEN_MENU]) document.querySelector(open)?.click();
    const page = link.href ? pageAt(new URL(link.href)) : this.data.home;
    if (this.isUnderWay()) this.next = page;
    else this.go(page);
  }

  isUnderWay() {
    return this.going !== null && performance.now() - this.since < LONGEST_WAIT;
  }

  go(page) {
    if (page === pageAt(location)) return;
    const query = queryOf(page, this.data);
    Object.assign(this, { going: page, next: null, since: performance.now() });
    history.pushState({}, "", (page || "/") + (query && `?${query}`));
    dispatchEvent(new PopStateEvent("popstate")); // Streamlit shows what the address says
  }

  leave() {
    this.leaving.abort();
  }
}

function remember({ shows }) {
  const { left, run } = known();
  const page = pageAt(location);
  const query = new URLSearchParams(location.search);
  left[page] = query.toString();
  const seen = page in shows ? query.get("run") : null;
  sessionStorage.setItem(KEY, JSON.stringify({ left, run: seen ?? run }));
}

// With which query the page is opened; what is `carried` stays as it is from page to page.
function queryOf(page, { shows, carried }) {
  const { left, run } = known();
  const names = shows[page];
  let query = new URLSearchParams(left[page] ?? "");
  for (const name of carried) query.delete(name);
  const hasGone = names && ["run", "with"].some((name) => query.has(name) && !names.includes(query.get(name)));
  if (hasGone) query = new URLSearchParams();
  if (!query.toString() && names?.includes(run)) query.set("run", run);
  const here = new URLSearchParams(location.search);
  for (const name of carried) for (const value of here.getAll(name)) query.append(name, value);
  return query.toString();
}

// `left` is the query with which each page was left; `run` is the one that was seen last.
function known() {
  return { left: {}, run: null, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
}

// A page is told by its path, which ends with no slash.
function pageAt({ pathname }) {
  return pathname.replace(/\/+$/, "");
}
