// The controls of the runs that one may steer: one set for two, until they are parted.

import { element } from "../shared/dom.js";
import { Steering } from "./steering.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { LiveRun } from "./run.js" */

const LINK = `<svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="2"
  stroke-linecap="round" aria-hidden="true"><path d="M10 8H7a4 4 0 0 0 0 8h3m4-8h3a4 4 0 0 1 0 8h-3m-5-4h6"/></svg>`;

export class Transport {
  /** @param {{ texts: Texts, runs: LiveRun[], goOn: (names: string[]) => void }} transport */
  constructor({ texts, runs, goOn }) {
    const steered = runs.filter(({ spec }) => spec.may_control);
    this.isLinked = steered.length > 1;
    this.parted = steered.map((run) => new Steering({ texts, runs: [run], goOn }));
    this.parted.forEach(({ element }, at) => steered[at].header.steering.append(element));
    this.element = element("div", "live-transport");
    this.element.hidden = !this.isLinked;
    if (!this.isLinked) return;
    this.linked = new Steering({ texts, runs: steered, goOn });
    this.link = element("button", "live-link");
    this.link.type = "button";
    this.link.innerHTML = LINK;
    this.link.append(texts.together);
    this.link.title = texts.together_help;
    this.link.onclick = () => {
      this.isLinked = !this.isLinked;
      this.show();
    };
    this.element.append(this.linked.element, this.link);
  }

  show() {
    for (const steering of [...this.parted, ...(this.linked ? [this.linked] : [])]) steering.show();
    if (!this.linked || !this.link) return;
    this.element.hidden = this.linked.element.hidden;
    if (!this.isLinked) this.linked.element.hidden = true;
    else for (const { element } of this.parted) element.hidden = true;
    this.link.setAttribute("aria-pressed", String(this.isLinked));
    this.link.disabled = this.linked.isOver;
    this.element.classList.toggle("parted", !this.isLinked);
  }
}
