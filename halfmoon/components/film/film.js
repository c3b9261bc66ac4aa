// Synchronised films: a strip of each, one frame of it large; a slider, and an animation forward and back.

import { button, element, fill, kindMark } from "../shared/dom.js";

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
    this.at = /** @type {number | null} */ (null); // the frame that is shown
    this.rows = /** @type {Row[]} */ ([]);
    this.isPlaying = false;
    this.button = button("film-play", "", () => (this.isPlaying ? this.halt() : this.play(this.at ?? 0)));
    this.slider = element("input", "film-slider");
    Object.assign(this.slider, { type: "range", min: 0, max: 0 });
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.words = element("span", "film-words");
    this.list = element("div", "film-list");
    root.append(element("div", "film-controls", this.button, this.slider, this.words), this.list);
  }

  /** @param {{ films: FilmSpec[], every: number, texts: Texts }} data */
  show({ films, every, texts }) {
    this.every = every;
    this.texts = texts;
    this.last = films[0].frames.length - 1;
    this.slider.max = String(this.last);
    this.slider.setAttribute("aria-label", texts.slider);
    this.rows = films.map((film) => this.rowOf(film));
    this.list.replaceChildren(...this.rows.map((row) => row.section));
    this.nameButton();
    this.turnTo(Math.min(this.at ?? Math.round(this.last / 2), this.last)); // what lies between is the point
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
      frame.addEventListener("click", () => this.goTo(at));
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
    this.halt();
    this.turnTo(at);
  }

  /** @param {number} at */
  turnTo(at) {
    this.at = at;
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

  /** @param {number} from the frame that it begins with */
  play(from) {
    this.isPlaying = true;
    this.nameButton();
    const begun = performance.now() - (from / this.last) * ONE_WAY;
    const tick = (/** @type {number} */ now) => {
      if (!this.isPlaying || !this.root.isConnected) return;
      const way = (Math.max(0, now - begun) / ONE_WAY) % 2;
      const at = Math.round((way < 1 ? way : 2 - way) * this.last);
      if (at !== this.at) this.turnTo(at);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  halt() {
    this.isPlaying = false;
    this.nameButton();
  }

  nameButton() {
    this.button.textContent = this.isPlaying ? this.texts.halt : this.texts.play;
  }
}
