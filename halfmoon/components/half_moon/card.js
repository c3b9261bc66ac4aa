// What a model draws at a position, large and live; beside it the true moon and the cross-dissolve nearest to it.

import { fetchDecoder } from "../shared/decoder.js";
import { context2d, element, fill, kindMark } from "../shared/dom.js";
import { plain } from "../shared/numbers.js";
import { paint } from "../shared/picture.js";
import { indexOf } from "./axis.js";

/** @import { MlpDecoder } from "../shared/decoder.js" */
/** @import { Model, Story } from "./data.js" */
/** @typedef {{ root: HTMLElement, image: HTMLElement, words: HTMLElement }} Nearest */

export class Card {
  /**
   * @param {Model} model
   * @param {Story} story
   */
  constructor(model, { base, positions, dissolveColour, texts }) {
    this.model = model;
    this.positions = positions;
    this.texts = texts;
    this.at = positions.new;
    this.decoder = /** @type {MlpDecoder | null} */ (null);
    this.frames = /** @type {HTMLImageElement | null} */ (null); // of all positions, while there is no decoder
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.verdict = element("strong");
    this.code = element("small");
    this.moon = nearest(model.moons, "half-moon-to-moon");
    this.dissolve = nearest(model.dissolves, "half-moon-to-dissolve");
    const heading = element("h3", "", kindMark(model.title, model.colour), " ", this.verdict);
    const beside = element("div", "half-moon-nearest", this.moon.root, this.dissolve.root);
    const words = element("div", "half-moon-words", heading, beside, this.code);
    this.root = element("section", "half-moon-card", this.canvas, words);
    this.root.ariaLabel = model.title;
    this.root.style.setProperty("--dissolve", dissolveColour);
    if (model.decoder) this.take(fetchDecoder(`${base}/${model.decoder}`));
  }

  /** @param {Promise<MlpDecoder>} coming */
  async take(coming) {
    this.decoder = await coming;
    this.draw();
    this.root.dataset.live = "true";
  }

  /** @param {HTMLImageElement} frames */
  takeFrames(frames) {
    this.frames = frames;
    this.draw();
  }

  /** @param {number} at */
  show(at) {
    const { model, texts } = this;
    const { said, phases, weights, moon_distances, dissolve_distances } = model;
    const index = indexOf(this.positions, at);
    this.at = at;
    this.draw();
    this.verdict.textContent = said[index];
    this.code.textContent = fill(texts.own_code, { code: plain(this.codeAt(at), 3) });
    this.canvas.setAttribute("aria-label", fill(texts.alt, { kind: model.title, verdict: said[index] }));
    const isMoon = moon_distances[index] < dissolve_distances[index];
    const moon = { phase: phases[index].toFixed(2), distance: moon_distances[index].toFixed(2) };
    const weight = Math.round(100 * weights[index]);
    const dissolve = { weight, distance: dissolve_distances[index].toFixed(2) };
    turn(this.moon, index, phases.length, fill(texts.moon, moon), isMoon);
    turn(this.dissolve, index, phases.length, fill(texts.dissolve, dissolve), !isMoon);
  }

  /** @param {number} at */
  codeAt(at) {
    const { new: from, full: to } = this.positions;
    const [atNew, atFull] = this.model.codes;
    return atNew + ((at - from) / (to - from)) * (atFull - atNew);
  }

  draw() {
    if (this.decoder) paint(this.canvas, this.decoder.decode([this.codeAt(this.at)]), this.decoder.shape);
    else if (this.frames) copyFrame(this.canvas, this.frames, indexOf(this.positions, this.at), this.model.said.length);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLImageElement} frames
 * @param {number} index
 * @param {number} count
 */
function copyFrame(canvas, frames, index, count) {
  const { naturalWidth: width, naturalHeight } = frames;
  const height = naturalHeight / count;
  Object.assign(canvas, { width, height });
  const context = context2d(canvas, { willReadFrequently: true });
  context.drawImage(frames, 0, index * height, width, height, 0, 0, width, height);
}

/**
 * @param {string} images
 * @param {string} className
 * @returns {Nearest}
 */
function nearest(images, className) {
  const [image, words] = [element("i"), element("figcaption")];
  image.style.backgroundImage = `url(${images})`;
  return { root: element("figure", className, image, words), image, words };
}

/**
 * @param {Nearest} nearest
 * @param {number} index
 * @param {number} count
 * @param {string} words
 * @param {boolean} isNearer
 */
function turn({ root, image, words: caption }, index, count, words, isNearer) {
  image.style.backgroundSize = `100% ${100 * count}%`;
  image.style.backgroundPosition = `0 ${(100 * index) / (count - 1)}%`;
  caption.textContent = words;
  root.classList.toggle("nearer", isNearer);
}
