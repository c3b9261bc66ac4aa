// What a branch is to have other than the run that it begins with: a form, which opens where one was asked for.

import { button, element, fill } from "../shared/dom.js";
import { labelled, numberField } from "./fields.js";
import { count } from "./words.js";

export class Branching {
  // `begin(run, step, changes)` is called with all that is in the fields: it is what was seen that is trained.
  constructor({ texts, language, begin }) {
    Object.assign(this, { texts, language, begin });
    this.element = element("form", "live-branching");
    this.element.hidden = true;
    this.element.onsubmit = (event) => {
      event.preventDefault();
      this.begin(this.run, this.step, this.changes());
      this.close();
    };
    this.element.onkeydown = (event) => event.key === "Escape" && this.close();
  }

  open(run, step) {
    Object.assign(this, { run, step });
    const { texts, language } = this;
    const { title, has_posterior, seed } = run.spec;
    const inForce = (name) => ({ [name]: run.inForce(name, step) });
    const before = { ...(has_posterior && inForce("beta")), ...inForce("learning_rate"), seconds: null, seed };
    const names = { beta: "β", learning_rate: texts.learning_rate, seconds: texts.seconds, seed: texts.seed };
    this.fields = Object.fromEntries(Object.entries(before).map(([name, value]) => [name, numberField(name, value)]));
    this.fields.seconds.placeholder = texts.as_before;
    const labels = Object.entries(this.fields).map(([name, field]) => labelled(names[name], field));
    const lead = element("span", "", fill(texts.branch_with, { title, step: count(step, language) }));
    const submit = Object.assign(element("button", "live-main", texts.begin), { type: "submit" });
    this.element.replaceChildren(lead, ...labels, submit, button("", texts.cancel, () => this.close()));
    this.element.hidden = false;
    Object.values(this.fields)[0].focus();
  }

  changes() {
    const entered = Object.entries(this.fields).filter(([, field]) => field.value !== "");
    return Object.fromEntries(entered.map(([name, field]) => [name, Number(field.value)]));
  }

  close() {
    this.element.hidden = true;
  }
}
