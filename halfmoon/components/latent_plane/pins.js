// The strip of kept places: each can be looked at again, moved, removed, saved as a picture, copied as numbers or as
// the Python that decodes it.

import { button, context2d, element, fill, rounded } from "../shared/dom.js";
import { paint } from "../shared/picture.js";
import { save } from "../shared/plotting.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { PlaneSpec } from "./data.d.ts" */
/** @typedef {{ spec: PlaneSpec, code: number[], pixels?: Float32Array }} Part what a plane makes of a place */

const SCALE = 10; // of a saved picture
const GAP = 2; // pixels between its images

export class Pins {
  /**
   * `on` hears of a new list (`change`) and of a place to look at (`open`); places are standard coordinates.
   * @param {Texts} texts
   * @param {{ change: (places: number[][]) => void, open: (place: number[]) => void }} on
   */
  constructor(texts, on) {
    this.texts = texts;
    this.on = on;
    this.places = /** @type {number[][]} */ ([]);
    this.list = element("ol", "latent-plane-pins");
    this.note = element("p", "latent-plane-pins-note", texts.no_pins);
    this.element = element("section", "latent-plane-kept", element("h3", "", texts.pins), this.note, this.list);
  }

  /**
   * @param {number[][]} places
   * @param {(place: number[]) => Part[]} decoded by each plane
   */
  show(places, decoded) {
    this.places = places;
    this.note.hidden = places.length > 0;
    this.list.replaceChildren(...places.map((place, index) => this.card(index, decoded(place))));
  }

  /**
   * @param {number} index
   * @param {Part[]} parts
   */
  card(index, parts) {
    const canvases = parts.map(({ pixels, spec }) => {
      const canvas = element("canvas");
      if (pixels) paint(canvas, pixels, spec.image.shape);
      return canvas;
    });
    const { texts } = this;
    const name = fill(texts.pin, { number: index + 1 });
    const open = button("latent-plane-pin-open", "", () => this.on.open(this.places[index]));
    open.append(element("b", "", String(index + 1)), ...canvases);
    open.setAttribute("aria-label", fill(texts.open_pin, { number: index + 1 }));
    /** @type {[sign: string, label: string, act: (event: MouseEvent) => void, isDisabled?: boolean][]} */
    const entries = [
      ["←", texts.move_left, () => this.move(index, index - 1), index === 0],
      ["→", texts.move_right, () => this.move(index, index + 1), index === this.places.length - 1],
      ["PNG", texts.save_pin, () => savePicture(canvases, `halfmoon-${parts[0].spec.run}-${index + 1}.png`)],
      ["0.5", texts.copy_numbers, (event) => this.copy(event, numbers(parts))],
      ["Py", texts.copy_python, (event) => this.copy(event, python(parts))],
      ["×", texts.remove_pin, () => this.remove(index)],
    ];
    const actions = entries.map(([sign, label, act, isDisabled = false]) => {
      const made = button("", sign, act);
      made.title = label;
      made.setAttribute("aria-label", `${label}, ${name}`);
      made.disabled = isDisabled;
      return made;
    });
    const item = element("li", "", open, element("div", "latent-plane-pin-actions", ...actions));
    item.setAttribute("aria-label", name);
    this.makeDraggable(item, index);
    return item;
  }

  /**
   * @param {HTMLElement} item
   * @param {number} index
   */
  makeDraggable(item, index) {
    item.draggable = true;
    item.ondragstart = (event) => event.dataTransfer?.setData("text/plain", String(index));
    item.ondragover = (event) => event.preventDefault();
    item.ondrop = (event) => {
      event.preventDefault();
      const from = Number.parseInt(event.dataTransfer?.getData("text/plain") ?? "", 10);
      if (from in this.places && from !== index) this.move(from, index);
    };
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  move(from, to) {
    const places = [...this.places];
    places.splice(to, 0, ...places.splice(from, 1));
    this.on.change(places);
  }

  /** @param {number} index */
  remove(index) {
    this.on.change(this.places.filter((_, at) => at !== index));
  }

  /**
   * @param {MouseEvent} event
   * @param {string} text
   */
  async copy({ currentTarget }, text) {
    const pressed = /** @type {HTMLButtonElement} */ (currentTarget);
    await copyText(text);
    const sign = pressed.textContent;
    pressed.textContent = "✓";
    pressed.addEventListener("pointerleave", () => (pressed.textContent = sign), { once: true });
  }
}

/** @param {Part[]} parts */
function numbers(parts) {
  return parts.map(({ spec, code }) => `${spec.title} ${floats(code)}`).join("\n");
}

/**
 * The Python that decodes the code of each part.
 * @param {Pick<Part, "spec" | "code">[]} parts
 */
export function python(parts) {
  const areOfOneKind = parts.length > 1 && new Set(parts.map(({ spec }) => spec.kind)).size === 1;
  const lines = parts.map(({ spec, code }, at) => {
    const name = areOfOneKind ? `${spec.kind}_${at + 1}` : spec.kind;
    return `image_${name} = ${spec.python}.load_model().decode(torch.tensor([${floats(code)}]))`;
  });
  const imports = ["import torch", "", "from vae_core import open_run", ""];
  return [...imports, ...lines, ""].join("\n");
}

/**
 * A code as Python writes a list of floats: of whole numbers torch would make integers, which no model takes.
 * @param {number[]} code
 */
function floats(code) {
  const numbers = rounded(code).map(String);
  return `[${numbers.map((text) => (/^-?\d+$/.test(text) ? `${text}.0` : text)).join(", ")}]`;
}

/**
 * @param {HTMLCanvasElement[]} canvases
 * @param {string} name
 */
function savePicture(canvases, name) {
  const sheet = element("canvas");
  const widths = canvases.map(({ width }) => width * SCALE);
  sheet.width = widths.reduce((sum, width) => sum + width, GAP * SCALE * (canvases.length - 1));
  sheet.height = Math.max(...canvases.map(({ height }) => height)) * SCALE;
  const context = context2d(sheet);
  context.imageSmoothingEnabled = false;
  let left = 0;
  canvases.forEach((canvas, at) => {
    context.drawImage(canvas, left, 0, widths[at], canvas.height * SCALE);
    left += widths[at] + GAP * SCALE;
  });
  save(sheet.toDataURL(), name);
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Only a page from this machine or by https may use the clipboard; any other has this.
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
