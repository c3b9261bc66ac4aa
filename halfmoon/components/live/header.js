// The head of a run: title, status, progress and actions.

import { element, fill } from "../shared/dom.js";
import { count, duration, roughly } from "./words.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { RunSpec, Status } from "./data.d.ts" */
/** @import { Feed } from "./feed.js" */
/** @import { Said } from "./happening.js" */

export class Header {
  /**
   * @param {{ texts: Texts, language: string, run: RunSpec, colour: string }} header
   */
  constructor({ texts, language, run, colour }) {
    this.run = run;
    this.texts = texts;
    this.language = language;
    this.status = element("span", "live-status");
    const name = element("span", "live-name", run.title);
    this.kind = element("small");
    this.title = element("h2", "", name, this.kind, this.status);
    this.bar = element("i");
    this.progress = element("div", "live-progress", this.bar);
    this.progress.setAttribute("role", "progressbar");
    this.progress.setAttribute("aria-label", fill(texts.progress, { title: run.title }));
    this.facts = ["steps", "elapsed", "left", "speed"].map((fact) => element("span", `live-fact-${fact}`));
    this.happening = element("p", "live-happening");
    this.happening.setAttribute("role", "status");
    const facts = element("p", "live-facts", ...this.facts);
    this.element = element("header", "live-header", this.title, this.progress, facts);
    this.element.style.setProperty("--run-colour", colour);
    this.steering = element("div"); // where the run has controls of its own
    this.element.append(this.steering, this.happening);
  }

  /**
   * @param {Feed} feed
   * @param {Said} said
   * @param {number[]} betas
   */
  show(feed, said, betas) {
    const { texts, language } = this;
    const { series, status, steps } = feed;
    this.status.dataset.status = status ?? "";
    put(this.status, status === "training" && !feed.moment ? texts.starting : statusText(texts, status));
    const beta = betas.length ? ` · ${fill(texts.event_beta, { value: betas.join(" → ") })}` : "";
    put(this.kind, `${this.run.kind_title}${beta}`);
    const share = steps ? Math.min(1, series.step / steps) : 0;
    this.bar.style.setProperty("--share", String(share));
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    const isTraining = status === "training";
    const left = isTraining ? series.remaining(steps) : null;
    const facts = [
      steps ? fill(texts.steps, { step: count(series.step, language), steps: count(steps, language) }) : "",
      steps ? duration(series.seconds) : "", // before, it has not begun
      left === null ? "" : fill(texts.left, { time: roughly(left) }),
      isTraining && series.speed !== null ? fill(texts.images_a_second, { count: count(series.speed, language) }) : "",
    ];
    facts.forEach((fact, at) => put(this.facts[at], fact));
    put(this.happening, said.text);
    this.happening.classList.toggle("grave", said.grave);
  }
}

/**
 * Only where it is another text: what is the same is not said again to those who listen.
 * @param {HTMLElement} place
 * @param {string} text
 */
function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/**
 * @param {Texts} texts
 * @param {Status | null} status null where it is not known yet
 */
function statusText(texts, status) {
  if (status === "gone") return texts.gone;
  return status ? texts[`status_${status}`] : texts.connecting;
}
