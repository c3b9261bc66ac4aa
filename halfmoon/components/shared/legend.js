// The classes: pointing at one lets it stand out, a press hides or shows it, a double one leaves only it.

import { button, element, fill } from "./dom.js";

/** @import { PointClass } from "../latent_plane/data.d.ts" */
/** @import { Texts } from "./dom.js" */

const LONG = 500; // milliseconds of a finger's press that stands for a double one

export class Legend {
  /**
   * @param {string} className
   * @param {Texts} texts
   * @param {PointClass[]} classes
   * @param {Set<number>} hidden labels, which `hide` changes
   * @param {object} on
   * @param {(labels: number[]) => void} on.hide these from now on, and no others
   * @param {(label: number | null) => void} on.point
   */
  constructor(className, texts, classes, hidden, on) {
    this.texts = texts;
    this.classes = classes;
    this.hidden = hidden;
    this.on = on;
    this.before = /** @type {number[]} */ ([]); // hidden before the first press of a double one
    this.holding = 0;
    this.buttons = classes.map((one, label) => this.button(one, label));
    this.all = button("hm-legend-all", texts.legend_all, () => on.hide([]));
    this.element = element("div", className, ...this.buttons, this.all);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", texts.legend);
    this.show();
  }

  /**
   * @param {PointClass} pointClass
   * @param {number} label
   */
  button({ name, colour }, label) {
    const made = button("", name, (event) => this.press(event, label));
    made.style.setProperty("--class-colour", colour);
    made.title = this.texts.legend_title;
    made.setAttribute("aria-label", name);
    made.onpointerenter = (event) => event.pointerType === "mouse" && this.on.point(label);
    made.onfocus = () => made.matches(":focus-visible") && this.on.point(label);
    made.onpointerleave = made.onblur = () => (clearTimeout(this.holding), this.on.point(null));
    made.onpointerdown = ({ pointerType }) => pointerType === "touch" && this.hold(label);
    made.onpointerup = made.onpointercancel = () => clearTimeout(this.holding);
    made.oncontextmenu = (event) => event.preventDefault(); // which a finger's long press asks for
    return made;
  }

  /**
   * The keyboard has Shift for a double press.
   * @param {MouseEvent} event
   * @param {number} label
   */
  press({ detail, shiftKey }, label) {
    if (this.holding < 0) return void (this.holding = 0); // the end of a long press
    if (shiftKey) return this.isolate(label, [...this.hidden]);
    if (detail > 0 && detail % 2 === 0) return this.isolate(label, this.before);
    this.before = [...this.hidden];
    this.on.hide(this.hidden.has(label) ? this.before.filter((one) => one !== label) : [...this.before, label]);
  }

  /** @param {number} label that a finger rests on */
  hold(label) {
    clearTimeout(this.holding);
    this.holding = setTimeout(() => {
      this.isolate(label, [...this.hidden]);
      this.holding = -1;
    }, LONG);
  }

  /**
   * Leaves only this class; all of them, if there was no other.
   * @param {number} label
   * @param {number[]} hidden before
   */
  isolate(label, hidden) {
    const others = this.classes.flatMap((_, one) => (one === label ? [] : one));
    const isAlone = !hidden.includes(label) && hidden.length === others.length;
    this.on.hide(isAlone ? [] : others);
  }

  // Which are hidden now.
  show() {
    this.buttons.forEach((made, label) => made.setAttribute("aria-pressed", String(!this.hidden.has(label))));
    this.all.hidden = this.hidden.size === 0;
  }

  /** @param {ArrayLike<number>} labels of all images */
  count(labels) {
    const counts = new Uint32Array(this.classes.length);
    for (let at = 0; at < labels.length; at++) counts[labels[at]] += 1;
    this.buttons.forEach((made, label) => {
      made.dataset.count = counts[label].toLocaleString();
      made.title = `${fill(this.texts.legend_count, { count: made.dataset.count })}\n${this.texts.legend_title}`;
    });
  }
}
