// The buttons that steer a training, and show the settings requested.

import { button, element } from "../shared/dom.js";
import { isEnded } from "./feed.js";
import { labelled, numberField } from "./fields.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Control, RunSpec, Setting } from "./data.d.ts" */
/** @import { Feed } from "./feed.js" */
/** @import { Series } from "./series.js" */

const SPEEDS = [20, 5, 1]; // steps a second of slow motion

export class Steering {
  /**
   * `ask(change)` passes a change of control.json on; `goOn()` asks for a run that was ended early to be resumed.
   * @param {{ texts: Texts, run: RunSpec, ask: (change: Control) => void, goOn: () => void }} steering
   */
  constructor({ texts, run, ask, goOn }) {
    this.texts = texts;
    this.run = run;
    this.ask = ask;
    this.series = /** @type {Series | null} */ (null); // nothing has been shown yet
    this.control = /** @type {Control} */ ({});
    this.isPaused = false;
    this.hasRun = false; // there was something to steer
    this.advanced = 0; // single steps asked for since the pause began
    this.pause = button("live-main", texts.pause, () => this.togglePause());
    this.goOn = button("live-main", texts.go_on, goOn);
    this.step = button("", texts.step, () => this.advance());
    this.step.title = texts.step_help;
    this.stop = button("live-stop", texts.stop, () => ask({ stop: true }));
    this.speed = element("select");
    this.speed.append(new Option(texts.full_speed, "0"));
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}/s`, String(speed)));
    this.speed.onchange = () => ask({ steps_a_second: Number(this.speed.value) || null });
    /** @type {Setting[]} */
    const settings = run.has_posterior ? ["beta", "learning_rate"] : ["learning_rate"];
    this.inputs = new Map(settings.map((name) => [name, this.input(name)]));
    const names = { beta: "β", learning_rate: texts.learning_rate };
    const fields = [...this.inputs].map(([name, input]) => labelled(names[name], input));
    const buttons = element("span", "live-buttons", this.pause, this.goOn, this.step, this.stop);
    this.element = element("div", "live-steering", buttons, labelled(texts.speed, this.speed), ...fields);
    this.element.setAttribute("role", "group");
  }

  /** @param {Setting} name */
  input(name) {
    const input = numberField(name, this.run[name]);
    input.onchange = () => {
      if (input.value === "" || !input.checkValidity()) return input.reportValidity();
      this.ask({ [name]: Number(input.value) });
    };
    return input;
  }

  togglePause() {
    this.advanced = 0;
    this.ask({ pause: !this.isPaused, advance: 0 });
  }

  // The number of single steps since the pause began, one more than before.
  advance() {
    const { step, pausedAt } = this.series ?? { step: 0, pausedAt: null };
    this.advanced = Math.max(this.advanced, pausedAt === null ? 0 : step - pausedAt, this.control.advance ?? 0) + 1;
    this.ask({ advance: this.advanced });
  }

  /** @param {Feed} feed */
  show({ status, series, control, isResumable }) {
    this.series = series;
    this.control = control;
    this.isPaused = status === "paused";
    const isOver = status === null || isEnded(status);
    this.hasRun ||= (status !== null && !isOver) || isResumable;
    this.element.hidden = isOver && status !== null && !this.hasRun; // what ends before one's eyes leaves its place
    this.element.classList.toggle("over", isOver);
    this.pause.hidden = isResumable;
    this.goOn.hidden = !isResumable;
    this.pause.textContent = this.isPaused ? this.texts.resume : this.texts.pause;
    this.pause.disabled = isOver || status === "queued";
    this.step.disabled = !this.isPaused;
    for (const part of [this.stop, this.speed, ...this.inputs.values()]) part.disabled = isOver;
    if (document.activeElement !== this.speed) this.speed.value = String(control.steps_a_second ?? 0);
    for (const [name, input] of this.inputs) {
      if (document.activeElement !== input) input.value = String(control[name] ?? this.run[name]);
    }
  }
}
