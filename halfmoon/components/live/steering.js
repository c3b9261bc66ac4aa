// The buttons that steer a training: they ask, and show what has been asked for.

import { button, element } from "../shared/dom.js";
import { isEnded } from "./feed.js";
import { labelled, numberField } from "./fields.js";

const SPEEDS = [20, 5, 1]; // steps a second of slow motion

export class Steering {
  // `ask(change)` passes a change of control.json on; `goOn()` asks for a run that was ended early to be resumed.
  constructor({ texts, run, ask, goOn }) {
    Object.assign(this, { texts, run, ask });
    this.advanced = 0; // single steps asked for since the pause began
    this.pause = button("live-main", texts.pause, () => this.togglePause());
    this.goOn = button("live-main", texts.go_on, goOn);
    this.step = button("", texts.step, () => this.advance());
    this.step.title = texts.step_help;
    this.stop = button("live-stop", texts.stop, () => ask({ stop: true }));
    this.speed = element("select");
    for (const [value, name] of [[0, texts.full_speed], ...SPEEDS.map((speed) => [speed, `${speed}/s`])]) {
      this.speed.append(new Option(name, String(value)));
    }
    this.speed.onchange = () => ask({ steps_a_second: Number(this.speed.value) || null });
    this.inputs = { learning_rate: this.input("learning_rate") };
    if (run.has_posterior) this.inputs = { beta: this.input("beta"), ...this.inputs };
    const names = { beta: "β", learning_rate: texts.learning_rate };
    const fields = Object.entries(this.inputs).map(([name, input]) => labelled(names[name], input));
    const buttons = element("span", "live-buttons", this.pause, this.goOn, this.step, this.stop);
    this.element = element("div", "live-steering", buttons, labelled(texts.speed, this.speed), ...fields);
    this.element.setAttribute("role", "group");
  }

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
    const { step, pausedAt } = this.series;
    this.advanced = Math.max(this.advanced, pausedAt === null ? 0 : step - pausedAt, this.control.advance ?? 0) + 1;
    this.ask({ advance: this.advanced });
  }

  show({ status, series, control, isResumable }) {
    Object.assign(this, { series, control, isPaused: status === "paused" });
    const isOver = status === null || isEnded(status);
    this.hasRun ||= (status !== null && !isOver) || isResumable;
    this.element.hidden = isOver && status !== null && !this.hasRun; // what ends before one's eyes leaves its place
    this.element.classList.toggle("over", isOver);
    this.pause.hidden = isResumable;
    this.goOn.hidden = !isResumable;
    this.pause.textContent = this.isPaused ? this.texts.resume : this.texts.pause;
    this.pause.disabled = isOver || status === "queued";
    this.step.disabled = !this.isPaused;
    for (const part of [this.stop, this.speed, ...Object.values(this.inputs)]) part.disabled = isOver;
    if (document.activeElement !== this.speed) this.speed.value = String(control.steps_a_second ?? 0);
    for (const [name, input] of Object.entries(this.inputs)) {
      const value = control[name] ?? this.run[name];
      if (value !== undefined && document.activeElement !== input) input.value = value;
    }
  }
}
