// The sliders of a slice: they move the code along directions that the plane doesn't show, and the picture with it.

import { element } from "../shared/dom.js";
import { fixed } from "../shared/numbers.js";

/** @import { Slider } from "./data.d.ts" */

const STEPS = 200; // of a slider

export class Sliders {
  /**
   * `on` hears of the code while a slider is dragged (`move`), and when it is let go (`end`).
   * @param {{ move: (code: number[]) => void, end: (code: number[]) => void }} on
   */
  constructor(on) {
    this.on = on;
    this.sliders = /** @type {Slider[] | null} */ (null);
    this.code = /** @type {number[]} */ ([]);
    this.rows = /** @type {{ slider: Slider, input: HTMLInputElement, value: HTMLOutputElement }[]} */ ([]);
    this.element = element("div", "latent-plane-sliders");
  }

  /**
   * @param {Slider[]} sliders
   * @param {number[]} code
   */
  show(sliders, code) {
    this.code = code;
    if (sliders !== this.sliders) this.build(sliders);
    for (const { slider, input, value } of this.rows) {
      const at = coordinate(slider, code);
      const reach = Math.max(slider.reach, Math.abs(at));
      Object.assign(input, { min: -reach, max: reach, step: reach / (STEPS / 2) });
      if (document.activeElement !== input || !input.matches(":active")) input.value = String(at);
      value.textContent = fixed(at);
    }
  }

  /** @param {Slider[]} sliders */
  build(sliders) {
    this.sliders = sliders;
    this.rows = sliders.map((slider) => {
      const [input, value] = [element("input"), element("output")];
      input.type = "range";
      input.oninput = () => this.on.move(this.moved(slider, input.valueAsNumber));
      input.onchange = () => this.on.end(this.moved(slider, input.valueAsNumber));
      return { slider, input, value };
    });
    const labels = this.rows.map(({ slider, input, value }) => {
      const name = element("span", "", slider.label);
      input.setAttribute("aria-label", slider.label);
      return element("label", "", name, value, input);
    });
    this.element.replaceChildren(...labels);
  }

  /**
   * The code with another coordinate on a slider.
   * @param {Slider} slider
   * @param {number} value
   */
  moved(slider, value) {
    const step = value - coordinate(slider, this.code);
    return this.code.map((number, dim) => number + step * slider.direction[dim]);
  }
}

/**
 * @param {Slider} slider
 * @param {number[]} code
 */
function coordinate({ direction, origin }, code) {
  return direction.reduce((sum, value, dim) => sum + value * code[dim], -origin);
}
