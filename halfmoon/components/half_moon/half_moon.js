// The walk from the new moon to the full one: a slider that decodes while it is dragged, and beneath it, on the same
// axis, each model's film, its distances and its codes.

import { button, element, fill } from "../shared/dom.js";
import { Player } from "../shared/player.js";
import { Reports } from "../shared/reports.js";
import { Axis, indexOf } from "./axis.js";
import { Card } from "./card.js";
import { save } from "./poster.js";
import { topsOf, trackOf } from "./track.js";

/** @import { Format } from "../shared/files.js" */
/** @import { Data, Story } from "./data.js" */

const ONE_WAY = 6000; // milliseconds from new to full
const THUMB = 22; // pixels, as in the styles
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 };

export default class HalfMoon {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.story = /** @type {Story | null} */ (null);
    this.described = "";
    this.axis = /** @type {Axis | null} */ (null);
    this.at = 0;
    this.cards = /** @type {Card[]} */ ([]);
    this.frames = /** @type {HTMLImageElement[]} */ ([]);
    this.reports = /** @type {Reports<number>} */ (new Reports());
    const turn = (/** @type {number} */ share) => this.turnTo(this.fromShare(share));
    const [share, halted] = [() => this.toShare(), () => this.tell()];
    this.player = new Player(root, { oneWay: ONE_WAY, share, turn, halted });
    this.slider = this.makeSlider();
    this.place = element("output");
    this.ticks = element("div", "half-moon-ticks");
    this.stage = element("div", "half-moon-stage");
    this.here = element("i", "half-moon-here");
    this.drawings = element("div", "half-moon-drawings");
    this.tracks = element("div", "half-moon-tracks", this.drawings, this.here);
    this.key = element("div", "half-moon-key");
    const rail = element("div", "half-moon-rail", this.place, this.player.button, this.slider, this.ticks);
    root.append(this.stage, rail, this.tracks, this.key);
    this.followHand();
    this.watcher = new ResizeObserver(() => this.layOut());
    this.watcher.observe(this.tracks);
  }

  makeSlider() {
    const slider = element("input", "half-moon-slider");
    Object.assign(slider, { type: "range", step: 0.01 });
    slider.addEventListener("input", () => this.goTo(Number(slider.value)));
    slider.addEventListener("change", () => this.tell());
    slider.addEventListener("keydown", (event) => this.press(event));
    slider.addEventListener("keyup", ({ key }) => key in STEPS && this.tell());
    return slider;
  }

  /** The films and the figures can be taken hold of as well as the slider. */
  followHand() {
    const { tracks } = this;
    tracks.onpointerdown = (event) => {
      if (event.button) return;
      tracks.setPointerCapture(event.pointerId);
      this.follow(event);
    };
    tracks.onpointermove = (event) => tracks.hasPointerCapture(event.pointerId) && this.follow(event);
    tracks.onpointerup = () => this.tell();
  }

  /**
   * @param {Data} data
   * @param {(at: number) => void} report
   */
  show({ at, ...story }, report) {
    this.reports.report = report;
    const isNews = this.reports.isNews(at);
    const described = JSON.stringify(story);
    if (described !== this.described) {
      this.described = described;
      this.begin(story);
    }
    this.turnTo(isNews ? at : this.at);
  }

  /** @param {Story} story */
  begin(story) {
    const { first, last } = story.positions;
    this.story = story;
    this.player.halt();
    this.player.name(story.texts.play, story.texts.halt);
    Object.assign(this.slider, { min: first, max: last });
    this.slider.setAttribute("aria-label", story.texts.slider);
    this.cards = story.models.map((model) => new Card(model, story));
    this.stage.replaceChildren(...this.cards.map(({ root }) => root));
    this.key.replaceChildren(this.keyOf(story));
    this.load(story);
  }

  /** @param {Story} story */
  async load(story) {
    const frames = await Promise.all(story.models.map(({ images }) => loadImage(images)));
    if (story !== this.story) return; // another one has been chosen meanwhile
    this.frames = frames;
    this.cards.forEach((card, at) => card.takeFrames(frames[at]));
    this.axis = null;
    this.layOut();
  }

  /** @param {Story} story */
  keyOf({ classes, texts }) {
    const marks = classes.map(({ name, colour }) => {
      const dot = element("i");
      dot.style.background = colour;
      return element("span", "", dot, name);
    });
    const files = /** @type {Format[]} */ (["png", "svg"]).map((format) => {
      const made = button("", format.toUpperCase(), () => this.save(format));
      made.ariaLabel = made.title = fill(texts.save, { format: format.toUpperCase() });
      return made;
    });
    return element("div", "", element("span", "", texts.key), ...marks, element("span", "half-moon-files", ...files));
  }

  /** Draws all that depends on the width. */
  layOut() {
    const { story, frames } = this;
    const width = Math.floor(this.tracks.clientWidth);
    if (!story || !width || frames.length < story.models.length || this.axis?.width === width) return;
    const axis = (this.axis = new Axis(story.positions, width));
    const tops = topsOf(story);
    this.drawings.replaceChildren(
      ...story.models.map((model, at) => {
        const track = trackOf(model, story, axis, tops, frames[at]);
        track.setAttribute("role", "img");
        track.setAttribute("aria-label", fill(story.texts.film, { kind: model.title }));
        return track;
      }),
    );
    const { first, last } = story.positions;
    this.slider.style.marginLeft = `${axis.pixel(first) - THUMB / 2}px`;
    this.slider.style.width = `${axis.pixel(last) - axis.pixel(first) + THUMB}px`;
    this.ticks.replaceChildren(...axis.ticks.map((tick) => this.tickOf(tick, axis, story)));
    this.root.dataset.drawn = "true";
    this.turnTo(this.at);
  }

  /**
   * @param {number} tick
   * @param {Axis} axis
   * @param {Story} story
   */
  tickOf(tick, axis, { positions, texts }) {
    const name = tick === positions.new ? texts.new : tick === positions.full ? texts.full : "";
    const mark = element("span", name && "end", name ? `${tick} ${name}` : String(tick));
    mark.style.left = `${axis.pixel(tick)}px`;
    return mark;
  }

  /** @param {PointerEvent} event */
  follow({ clientX }) {
    if (this.axis) this.goTo(this.axis.position(clientX - this.tracks.getBoundingClientRect().left));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { first, last } = this.story?.positions ?? { first: 0, last: 0 };
    if (event.key === " ") this.player.toggle();
    else if (event.key in STEPS) this.goTo(Math.min(Math.max(this.at + STEPS[event.key], first), last));
    else return;
    event.preventDefault();
  }

  /**
   * What the user does stops the animation.
   * @param {number} at
   */
  goTo(at) {
    this.player.halt();
    this.turnTo(at);
  }

  /** @param {number} position */
  turnTo(position) {
    const { story } = this;
    if (!story) return;
    const at = (this.at = Math.round(100 * position) / 100);
    this.slider.value = String(at);
    for (const card of this.cards) card.show(at);
    const said = story.models.map(({ title, said }) => `${title}: ${said[indexOf(story.positions, at)]}`);
    this.slider.setAttribute("aria-valuetext", `${at.toFixed(1)}. ${said.join(". ")}`);
    this.place.textContent = at.toFixed(2);
    if (this.axis) this.root.style.setProperty("--here", `${this.axis.pixel(at)}px`);
  }

  toShare() {
    const { new: from, full: to } = this.story?.positions ?? { new: 0, full: 1 };
    return Math.min(Math.max((this.at - from) / (to - from), 0), 1);
  }

  /** @param {number} share */
  fromShare(share) {
    const { new: from, full: to } = this.story?.positions ?? { new: 0, full: 1 };
    return from + share * (to - from);
  }

  tell() {
    this.reports.tell(this.at);
  }

  /** @param {Format} format */
  save(format) {
    if (this.story && this.axis) save(format, this.story, this.frames, this.at);
  }

  end() {
    this.player.halt();
    this.watcher.disconnect();
  }
}

/** @param {string} address */
async function loadImage(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
