// The form of a branch: the settings that differ from its source's.

import { button, element, fill } from "../shared/dom.js";
import { labelled, numberField } from "./fields.js";
import { count } from "./words.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Changes, Setting } from "./data.d.ts" */
/** @import { LiveRun } from "./run.js" */

export class Branching {
  /**
   * `begin` is called with all that is in the fields: it is what was seen that is trained.
   * @param {{
   *   texts: Texts, language: string, begin: (run: LiveRun, step: number, changes: Changes) => void,
   * }} branching
   */
  constructor({ texts, language, begin }) {
    this.texts = texts;
    this.language = language;
    this.fields = /** @type {Map<string, HTMLInputElement>} */ (new Map());
    this.submit = () => {}; // of what is open
    this.element = element("form", "live-branching");
    this.element.hidden = true;
    this.element.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
      this.close();
    };
    this.begin = begin;
    this.element.onkeydown = (event) => event.key === "Escape" && this.close();
  }

  /**
   * @param {LiveRun} run
   * @param {number} step
   */
  open(run, step) {
    this.submit = () => this.begin(run, step, this.changes());
    const { texts, language } = this;
    const { title, has_posterior, seed } = run.spec;
    const inForce = (/** @type {Setting} */ name) => numberField(name, run.inForce(name, step));
    const seconds = numberField("seconds", null);
    seconds.placeholder = texts.as_before;
    this.fields = new Map([["learning_rate", inForce("learning_rate")]]);
    if (has_posterior) this.fields = new Map([["beta", inForce("beta")], ...this.fields]);
    this.fields.set("seconds", seconds).set("seed", numberField("seed", seed));
    /** @type {Record<string, string>} */
    const names = { beta: "β", learning_rate: texts.learning_rate, seconds: texts.seconds, seed: texts.seed };
    const labels = [...this.fields].map(([name, field]) => labelled(names[name], field));
    const lead = element("span", "", fill(texts.branch_with, { title, step: count(step, language) }));
    const submit = Object.assign(element("button", "live-main", texts.begin), { type: "submit" });
    this.element.replaceChildren(lead, ...labels, submit, button("", texts.cancel, () => this.close()));
    this.element.hidden = false;
    this.element.querySelector("input")?.focus();
  }

  /** @returns {Changes} */
  changes() {
    const entered = [...this.fields].filter(([, field]) => field.value !== "");
    return Object.fromEntries(entered.map(([name, field]) => [name, Number(field.value)]));
  }

  close() {
    this.element.hidden = true;
  }
}
