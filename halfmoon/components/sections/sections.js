// The index of a page's sections, each of which unfolds: a link opens its section and goes there. The URL names the one
// that was chosen last, so that a link leads to it.

import { element } from "../shared/dom.js";

/**
 * @typedef {{ name: string, section: string, title: string }} Link
 * @typedef {{ label: string, links: Link[] }} Data
 */

const LINE = 140; // pixels below the top, under the index: the section there is the one that is read

export default class Sections {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.links = /** @type {Link[]} */ ([]);
    this.nodes = /** @type {HTMLAnchorElement[]} */ ([]);
    this.isArriving = Boolean(location.hash);
    this.acts = 0; // of the reader
    this.stop = new AbortController();
    this.growth = new ResizeObserver(() => this.follow());
    const { signal } = this.stop;
    document.addEventListener("scroll", () => this.follow(), { capture: true, passive: true, signal });
    window.addEventListener("hashchange", () => this.arrive(), { signal });
    for (const act of ["wheel", "pointerdown", "keydown"]) {
      document.addEventListener(act, () => this.act(), { capture: true, passive: true, signal });
    }
    const page = root.closest(".stMainBlockContainer");
    if (page) this.growth.observe(page);
  }

  /** @param {Data} data */
  show({ label, links }) {
    this.links = links;
    this.nodes = links.map((link) => this.link(link));
    const nav = element("nav", "", element("ul", "", ...this.nodes.map((node) => element("li", "", node))));
    nav.setAttribute("aria-label", label);
    this.root.replaceChildren(nav);
    this.follow();
  }

  end() {
    this.stop.abort();
    this.growth.disconnect();
  }

  /** @param {Link} link */
  link(link) {
    const node = element("a", "", link.title);
    node.href = `#${link.name}`;
    node.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab
      event.preventDefault();
      history.replaceState(history.state, "", node.href);
      this.isArriving = !sectionOf(link); // the page is still being made
      this.go(link, true);
    });
    return node;
  }

  act() {
    this.isArriving = false;
    this.acts += 1;
  }

  // Marks the section that is read. One that the URL names is opened once it is there, and stays in sight while the page
  // above it grows, until the reader does something.
  follow() {
    if (this.isArriving) this.arrive();
    const tops = this.links.map((link) => sectionOf(link)?.getBoundingClientRect().top ?? Infinity);
    const chosen = this.links.findIndex(({ name }) => location.hash === `#${name}`);
    const isInSight = this.isAtEnd() && tops[chosen] < innerHeight; // where the page is too short to go there
    const read = isInSight ? chosen : tops.findLastIndex((top) => top <= LINE);
    this.nodes.forEach((node, at) => {
      if (at !== read) node.removeAttribute("aria-current");
      else if (!node.hasAttribute("aria-current")) this.mark(node);
    });
  }

  isAtEnd() {
    const main = this.root.closest('[data-testid="stMain"]');
    return main !== null && main.scrollTop + main.clientHeight >= main.scrollHeight - 2;
  }

  /** @param {HTMLAnchorElement} node */
  mark(node) {
    node.setAttribute("aria-current", "true");
    const list = node.closest("ul");
    if (list) list.scrollLeft = node.offsetLeft - list.offsetLeft - (list.clientWidth - node.clientWidth) / 2;
  }

  arrive() {
    const link = this.links.find(({ name }) => location.hash === `#${name}`);
    if (link) this.go(link, false);
  }

  /**
   * @param {Link} link
   * @param {boolean} isSmooth
   */
  async go(link, isSmooth) {
    const section = sectionOf(link);
    const [details, summary] = [section?.querySelector("details"), section?.querySelector("summary")];
    if (!section || !details || !summary) return;
    if (!details.open) summary.click();
    summary.focus({ preventScroll: true });
    const { acts } = this;
    await Promise.allSettled(details.getAnimations().map(({ finished }) => finished)); // before it is too short to go to
    if (acts !== this.acts) return; // the reader has gone on
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    section.scrollIntoView({ block: "start", behavior: isSmooth && !isCalm ? "smooth" : "instant" });
  }
}

/** @param {Link} link */
function sectionOf({ section }) {
  return document.querySelector(`.st-key-${section}`);
}
