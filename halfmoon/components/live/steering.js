// The controls that steer one training, or several at once, and show the settings requested.

import { button, element } from "../shared/dom.js";
import { isEnded } from "./feed.js";
import { labelled, numberField } from "./fields.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Control, Setting } from "./data.d.ts" */
/** @import { LiveRun } from "./run.js" */

const SPEEDS = [20, 5, 1]; // steps a second of slow motion

export class Steering {
  /**
   * `goOn(names)` asks for runs that were ended early to be resumed.
   * @param {{ texts: Texts, runs: LiveRun[], goOn: (names: string[]) => void }} steering
   */
  constructor({ texts, runs, goOn }) {
    this.texts = texts;
    this.runs = runs;
    this.isPaused = false;
    this.hasRun = false; // there was something to steer
    this.pause = button("live-main", texts.pause, () => this.togglePause());
    this.goOn = button("live-main", texts.go_on, () => goOn(this.resumable.map(({ name }) => name)));
    this.step = button("", texts.step, () => this.live.forEach((run) => run.advance()));
    this.step.title = texts.step_help;
    this.stop = button("live-stop", texts.stop, () => this.ask({ stop: true }));
    this.speed = element("select");
    this.speed.append(new Option(texts.full_speed, "0"));
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}/s`, String(speed)));
    this.speed.onchange = () => this.ask({ steps_a_second: Number(this.speed.value) || null });
    /** @type {Setting[]} */
    const settings = runs.some(({ spec }) => spec.has_posterior) ? ["beta", "learning_rate"] : ["learning_rate"];
    this.inputs = new Map(settings.map((name) => [name, this.input(name)]));
    const names = { beta: "β", learning_rate: texts.learning_rate };
    const fields = [...this.inputs].map(([name, input]) => labelled(names[name], input));
    const buttons = element("span", "live-buttons", this.pause, this.goOn, this.step, this.stop);
    this.element = element("div", "live-steering", buttons, labelled(texts.speed, this.speed), ...fields);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", runs.map(({ title }) => title).join(", "));
  }

  // Those that are not over.
  get live() {
    return this.runs.filter(({ feed: { status } }) => status !== null && !isEnded(status));
  }

  get resumable() {
    return this.runs.filter(({ feed }) => feed.isResumable);
  }

  get isOver() {
    return !this.live.length && !this.resumable.length;
  }

  /** @param {Control} change */
  ask(change) {
    for (const run of this.live) run.steer(change);
  }

  /**
   * The runs that have this setting.
   * @param {Setting} name
   */
  having(name) {
    return this.runs.filter(({ spec }) => name !== "beta" || spec.has_posterior);
  }

  /** @param {Setting} name */
  input(name) {
    const input = numberField(name, this.having(name)[0].spec[name]);
    input.onchange = () => {
      if (input.value === "" || !input.checkValidity()) return input.reportValidity();
      const live = this.live;
      for (const run of this.having(name)) if (live.includes(run)) run.steer({ [name]: Number(input.value) });
    };
    return input;
  }

  togglePause() {
    this.ask({ pause: !this.isPaused, advance: 0 });
  }

  show() {
    const { live, texts } = this;
    const began = live.filter(({ feed }) => feed.status !== "queued");
    this.isPaused = began.length > 0 && began.every(({ feed }) => feed.status === "paused");
    this.hasRun ||= !this.isOver || this.runs.some(({ feed, spec }) => feed.status === null && !spec.is_over);
    this.element.hidden = !this.hasRun; // what ends before one's eyes leaves its place
    this.element.classList.toggle("over", !live.length);
    const mayGoOn = !live.length && this.resumable.length > 0;
    this.pause.hidden = mayGoOn;
    this.goOn.hidden = !mayGoOn;
    this.pause.textContent = this.isPaused ? texts.resume : texts.pause;
    this.pause.disabled = !began.length;
    this.step.disabled = !this.isPaused;
    for (const part of [this.stop, this.speed, ...this.inputs.values()]) part.disabled = !live.length;
    if (document.activeElement !== this.speed) {
      this.speed.value = String((live[0] ?? this.runs[0]).feed.control.steps_a_second ?? 0);
    }
    for (const [name, input] of this.inputs) if (document.activeElement !== input) this.showSetting(name, input);
  }

  /**
   * What is in force, or has just been asked for; nothing where it differs.
   * @param {Setting} name
   * @param {HTMLInputElement} input
   */
  showSetting(name, input) {
    const values = new Set(this.having(name).map((run) => run.setting(name)));
    const [value] = values;
    input.value = values.size === 1 ? String(value) : "";
    input.placeholder = values.size === 1 ? "" : this.texts.differs;
  }
}
