// Synchronised films: a strip of each, one frame of it large; a slider, and an animation forward and back.

import { element, fill, kindMark } from "../shared/dom.js";
import { showFrame } from "../shared/frames.js";
import { Player } from "../shared/player.js";
import { Reports } from "../shared/reports.js";

/** @import { Texts } from "../shared/dom.js" */
/**
 * @typedef {{ title: string, colour: string | null, note: string, figures: string, frames: string[] }} FilmSpec
 * @typedef {{ film: FilmSpec, section: HTMLElement, large: HTMLImageElement, strip: HTMLElement }} Row
 */

const ONE_WAY = 3000; // milliseconds

export default class Film {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.texts = /** @type {Texts} */ ({});
    this.every = 1; // so many frames there is one in the strips
    this.last = 0; // frame
    this.at = 0; // the frame that is shown
    this.rows = /** @type {Row[]} */ ([]);
    this.reports = /** @type {Reports<number>} */ (new Reports());
    this.player = new Player(root, {
      oneWay: ONE_WAY,
      share: () => this.at / this.last,
      turn: (share) => {
        const at = Math.round(share * this.last);
        if (at !== this.at) this.turnTo(at);
      },
      halted: () => this.tell(),
    });
    this.slider = element("input", "film-slider");
    Object.assign(this.slider, { type: "range", min: 0, max: 0 });
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.tell());
    this.words = element("span", "film-words");
    this.list = element("div", "film-list");
    const [from, to] = ["A", "B"].map((name) => element("b", "film-end", name));
    root.append(element("div", "film-controls", this.player.button, from, this.slider, to, this.words), this.list);
  }

  /**
   * @param {{ films: FilmSpec[], every: number, frame: number, texts: Texts }} data
   * @param {(frame: number) => void} report
   */
  show({ films, every, frame, texts }, report) {
    this.reports.report = report;
    this.every = every;
    this.texts = texts;
    this.last = films[0].frames.length - 1;
    this.slider.max = String(this.last);
    this.slider.setAttribute("aria-label", texts.slider);
    this.player.name(texts.play, texts.halt);
    this.rows = films.map((film) => this.rowOf(film));
    this.list.replaceChildren(...this.rows.map((row) => row.section));
    this.turnTo(this.reports.isNews(frame) ? frame : this.at);
  }

  /**
   * @param {FilmSpec} film
   * @returns {Row}
   */
  rowOf(film) {
    const [title, note] = [element("h3", "", kindMark(film.title, film.colour)), element("p", "", film.note)];
    const words = element("div", "film-title", title, note, element("p", "film-figures", film.figures));
    const large = element("img", "film-large");
    const strip = element("div", "film-strip");
    strip.ariaHidden = "true"; // the slider shows the same to all
    for (let at = 0; at <= this.last; at += this.every) {
      const frame = element("img");
      Object.assign(frame, { src: film.frames[at], alt: "" });
      frame.addEventListener("click", () => {
        this.goTo(at);
        this.tell();
      });
      strip.append(frame);
    }
    const section = element("section", "film-row", words, large, strip);
    section.ariaLabel = film.title;
    return { film, section, large, strip };
  }

  /**
   * What the user does stops the animation.
   * @param {number} at
   */
  goTo(at) {
    this.player.halt();
    this.turnTo(at);
  }

  tell() {
    this.reports.tell(this.at);
  }

  /** @param {number} at */
  turnTo(at) {
    this.at = at;
    showFrame(at);
    this.slider.value = String(at);
    const words = fill(this.texts.frame, { number: at + 1, count: this.last + 1 });
    this.words.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    for (const { film, large, strip } of this.rows) {
      large.src = film.frames[at];
      large.alt = `${film.title}, ${words}`;
      [...strip.children].forEach((frame, number) => {
        frame.classList.toggle("here", number === Math.round(at / this.every));
      });
    }
  }

  end() {
    this.player.halt();
  }
}
