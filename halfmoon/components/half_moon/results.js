// Who draws a half moon: a row for each training set, a cell for each model, which one clicks to see it.

import { button, element, kindMark } from "../shared/dom.js";

/** @import { Cell, Results as Data } from "./data.js" */

export default class Results {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.report = (/** @type {string} */ _run) => {};
  }

  /**
   * @param {Data} data
   * @param {(run: string) => void} report
   */
  show({ rows, caption }, report) {
    this.report = report;
    const body = rows.map(({ title, is_shown, cells }) => {
      const heading = element("th", "", title);
      heading.scope = "row";
      const row = element("tr", is_shown ? "shown" : "", heading, ...cells.map((cell) => this.cellOf(cell, is_shown)));
      return row;
    });
    this.root.replaceChildren(element("table", "", element("caption", "", caption), element("tbody", "", ...body)));
  }

  /**
   * @param {Cell} cell
   * @param {boolean} isShown
   */
  cellOf({ run, title, colour, image, verdict, distances }, isShown) {
    const made = button("", "", () => this.choose(run));
    const kind = kindMark(title, colour);
    const picture = image === null ? element("i") : Object.assign(element("img"), { src: image, alt: "" });
    const words = element("span", "", element("span", "", kind, " ", verdict), element("small", "", distances));
    made.append(picture, words);
    if (isShown) made.setAttribute("aria-current", "true");
    return element("td", "", made);
  }

  /** @param {string} run */
  choose(run) {
    this.report(run);
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const walk = document.querySelector(".half-moon");
    walk?.scrollIntoView({ behavior: isStill ? "instant" : "smooth", block: "start" });
  }
}
