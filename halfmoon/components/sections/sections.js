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
    // The section gone to: it stays in sight while the page grows, until the reader does something.
    this.goal = /** @type {Link | undefined} */ (undefined);
    this.isOpened = false; // which takes a moment
    this.stop = new AbortController();
    const { signal } = this.stop;
    const options = { capture: true, passive: true, signal };
    document.addEventListener("scroll", () => this.follow(), options);
    for (const act of ["wheel", "pointerdown", "keydown"]) {
      document.addEventListener(act, () => (this.goal = undefined), options);
    }
    window.addEventListener("hashchange", () => this.arrive(), { signal });
    this.growth = new ResizeObserver(() => this.settle());
    const page = root.closest(".stMainBlockContainer");
    if (page) this.growth.observe(page);
  }

  /** @param {Data} data */
  show({ label, links }) {
    const isFirst = this.links.length === 0;
    this.links = links;
    this.nodes = links.map((link) => this.link(link));
    const nav = element("nav", "", element("ul", "", ...this.nodes.map((node) => element("li", "", node))));
    nav.setAttribute("aria-label", label);
    this.root.replaceChildren(nav);
    if (isFirst) this.arrive();
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
      this.arrive();
    });
    return node;
  }

  // Goes to the section that the URL names.
  arrive() {
    this.goal = this.links.find(({ name }) => location.hash === `#${name}`);
    this.isOpened = false;
    this.settle();
  }

  // Opens the section gone to, once it is there, and brings it back into sight.
  async settle() {
    const { goal } = this;
    const section = goal && sectionOf(goal);
    const [details, summary] = [section?.querySelector("details"), section?.querySelector("summary")];
    if (section && details && summary) {
      if (!details.open && !this.isOpened) summary.click();
      this.isOpened = true;
      summary.focus({ preventScroll: true });
      await Promise.allSettled(details.getAnimations().map(({ finished }) => finished)); // it is too short until then
      if (goal === this.goal) section.scrollIntoView({ block: "start", behavior: "instant" });
    }
    this.follow();
  }

  // Marks the section gone to, else the one that is read.
  follow() {
    const tops = this.links.map((link) => sectionOf(link)?.getBoundingClientRect().top ?? Infinity);
    const read = this.goal ? this.links.indexOf(this.goal) : tops.findLastIndex((top) => top <= LINE);
    this.nodes.forEach((node, at) => {
      if (at !== read) node.removeAttribute("aria-current");
      else if (!node.hasAttribute("aria-current")) mark(node);
    });
  }
}

/**
 * Marks a link as the current one, in the middle of what is seen of the index.
 * @param {HTMLAnchorElement} node
 */
function mark(node) {
  node.setAttribute("aria-current", "true");
  const list = node.closest("ul");
  if (list) list.scrollLeft = node.offsetLeft - list.offsetLeft - (list.clientWidth - node.clientWidth) / 2;
}

/** @param {Link} link */
function sectionOf({ section }) {
  return document.querySelector(`.st-key-${section}`);
}
