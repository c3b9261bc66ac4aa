// The strip of saved places: each can be looked at again, moved, removed, walked from, saved as a picture, copied as
// numbers or as the Python that decodes it.

import { button, context2d, element, fill, rounded } from "../shared/dom.js";
import { actions } from "../shared/menu.js";
import { unpack } from "../shared/packed.js";
import { paint } from "../shared/picture.js";
import { fileName, save } from "../shared/files.js";
import { Walk } from "./walk.js";

/** @import { Texts } from "../shared/dom.js" */
/** @import { Pin, PlaneSpec } from "./data.d.ts" */
/** @typedef {{ spec: PlaneSpec, code: number[], pixels?: Float32Array }} Part what a plane makes of a place */

const SCALE = 10; // of a saved picture
const GAP = 2; // pixels between its images
const REGRET = 10_000; // milliseconds for which a removal can be undone

export class Pins {
  /**
   * `on` hears of a new list (`change`), of a place to look at (`open`), and that all are wanted as a table (`table`);
   * `data` stands for the data in the names of files.
   * @param {Texts} texts
   * @param {string} walk the address of a walk, without its ends
   * @param {string} data
   * @param {{ change: (places: Pin[]) => void, open: (place: Pin) => void, table: () => void }} on
   */
  constructor(texts, walk, data, on) {
    this.texts = texts;
    this.data = data;
    this.on = on;
    this.places = /** @type {Pin[]} */ ([]);
    this.forgetting = 0; // the timer of the last removal
    this.list = element("ol", "latent-plane-pins");
    this.note = element("p", "latent-plane-pins-note", texts.no_pins);
    this.walk = new Walk(walk, texts);
    this.said = element("p", "latent-plane-pins-said");
    this.said.setAttribute("role", "status");
    this.table = button("", "CSV", on.table);
    this.table.title = this.table.ariaLabel = texts.save_pins;
    const title = element("h3", "", texts.pins);
    const head = element("div", "latent-plane-pins-head", title, this.table, this.walk.element, this.said);
    this.element = element("section", "latent-plane-kept", head, this.note, this.list);
  }

  /**
   * @param {Pin[]} places
   * @param {(place: Pin) => Part[]} decoded by each plane that knows its code
   */
  show(places, decoded) {
    this.places = places;
    this.note.hidden = places.length > 0;
    this.table.hidden = !places.length;
    this.list.replaceChildren(...places.map((place, index) => this.card(index, decoded(place))));
    this.walk.show(places);
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
    const number = { number: index + 1 };
    const open = button("latent-plane-pin-open", "", () => this.on.open(this.places[index]));
    open.append(element("b", "", String(index + 1)), ...this.original(index, parts), ...canvases);
    open.setAttribute("aria-label", fill(texts.open_pin, number));
    const item = element("li", "", open, actions("⋯", fill(texts.pin_actions, number), this.entries(index, parts, canvases)));
    item.setAttribute("aria-label", fill(texts.pin, number));
    this.makeDraggable(item, index);
    return item;
  }

  /**
   * The image of one's own that a place is of.
   * @param {number} index
   * @param {Part[]} parts
   */
  original(index, parts) {
    const place = this.places[index];
    if (typeof place !== "string" || !parts.length) return [];
    const canvas = element("canvas", "latent-plane-pin-own");
    canvas.title = this.texts.drawn;
    const { shape } = parts[0].spec.image;
    unpack(place).then((pixels) => paint(canvas, Float32Array.from(pixels, (grey) => grey / 255), shape), console.warn);
    return [canvas];
  }

  /**
   * @param {number} index
   * @param {Part[]} parts
   * @param {HTMLCanvasElement[]} canvases
   */
  entries(index, parts, canvases) {
    const { texts } = this;
    const [last, isUnknown] = [this.places.length - 1, !parts.length];
    const name = `${fileName(this.data, "place", String(index + 1), ...parts.map(({ spec }) => spec.slug))}.png`;
    return [
      { label: texts.move_left, act: () => this.move(index, index - 1), isDisabled: index === 0 },
      { label: texts.move_right, act: () => this.move(index, index + 1), isDisabled: index === last },
      { label: texts.walk_from, act: () => this.walk.begin(index), isDisabled: last === 0 },
      { label: texts.save_pin, act: () => savePicture(canvases, name), isDisabled: isUnknown },
      { label: texts.copy_numbers, act: () => this.copy(numbers(parts)), isDisabled: isUnknown },
      { label: texts.copy_python, act: () => this.copy(python(parts)), isDisabled: isUnknown },
      { label: texts.remove_pin, act: () => this.remove(index) },
    ];
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

  /**
   * For a while it can be undone.
   * @param {number} index
   */
  remove(index) {
    const place = this.places[index];
    this.on.change(this.places.filter((_, at) => at !== index));
    const undo = button("", this.texts.undo, () => {
      this.say();
      this.on.change([...this.places.slice(0, index), place, ...this.places.slice(index)]);
    });
    this.say(fill(this.texts.removed_pin, { number: index + 1 }), undo);
  }

  /** @param {string} text */
  async copy(text) {
    await copyText(text);
    this.say(this.texts.copied);
  }

  /**
   * Says something about what was done last, for a while.
   * @param {(Node | string)[]} words
   */
  say(...words) {
    clearTimeout(this.forgetting);
    this.said.replaceChildren(...words);
    if (words.length) this.forgetting = window.setTimeout(() => this.say(), REGRET);
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
