// The points, painted on a canvas of their own over Plotly's axes: seventy thousand in the time of a frame, also where
// there is no graphics card.

import { context2d, element } from "./dom.js";

/** @import { Area } from "./area.js" */
/**
 * @typedef {ArrayLike<number>} Numbers
 * @typedef {{ across: Uint8Array, down: Uint8Array, ink: Uint8Array }} Stamp the pixels that a dot inks
 */

const PHASES = 3; // places within a pixel, along each axis, that a dot may have
export const OPACITY = 0.78;
export const FAINT = 0.14; // of what is not selected
const OUTLINE = 0.5; // pixels, half as strong as the text: a dot's colour may be as light or as dark as the ground

export class Dots {
  constructor() {
    this.canvas = element("canvas", "latent-plane-dots");
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas, { width: 0, height: 0 }); // nothing, before there is something to paint
    this.context = context2d(this.canvas);
    this.xs = /** @type {Numbers} */ ([]);
    this.ys = /** @type {Numbers} */ ([]);
    this.labels = /** @type {Numbers} */ ([]);
    this.size = 0; // pixels of the page, of a dot
    this.ratio = 1; // pixels of the canvas to one of the page
    this.side = 0; // of a stamp
    // For each label a stamp at each place within a pixel: of what is selected, and of what is not.
    this.strong = /** @type {Stamp[][]} */ ([]);
    this.faint = /** @type {Stamp[][]} */ ([]);
    this.image = this.context.createImageData(1, 1);
  }

  /**
   * From now on these: places, the label of each, the colour of each label, the diameter in pixels.
   * @param {{ xs: Numbers, ys: Numbers, labels: Numbers, colours: string[], ink: string, size: number }} dots
   */
  set({ xs, ys, labels, colours, ink, size }) {
    this.labels = labels;
    this.size = size;
    this.move(xs, ys);
    this.ratio = Math.min(2, window.devicePixelRatio || 1);
    const radius = (size / 2) * this.ratio;
    this.side = Math.ceil(2 * radius + 2);
    const outline = rgb(ink);
    const stamps = (/** @type {number} */ opacity) =>
      colours.map((colour) => stampsOf(rgb(colour), outline, radius, this, opacity));
    this.strong = stamps(OPACITY);
    this.faint = stamps(FAINT);
  }

  /**
   * The same dots at other places.
   * @param {Numbers} xs
   * @param {Numbers} ys
   */
  move(xs, ys) {
    this.xs = xs;
    this.ys = ys;
  }

  /**
   * Paints what is in the drawing area, but for hidden labels; what does not stand out faintly, and beneath the rest.
   * @param {Area} area
   * @param {Set<number>} hidden
   * @param {((index: number) => boolean) | null} standsOut null where all are alike
   */
  draw(area, hidden, standsOut) {
    const { canvas, ratio } = this;
    const width = Math.round(area.width * ratio);
    const height = Math.round(area.height * ratio);
    Object.assign(canvas.style, { left: `${area.left}px`, top: `${area.top}px` });
    Object.assign(canvas.style, { width: `${area.width}px`, height: `${area.height}px` });
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (this.image.width !== width || this.image.height !== height) {
      this.image = this.context.createImageData(width, height);
    }
    const pixels = this.image.data.fill(0);
    if (standsOut) this.print(pixels, area, hidden, this.faint, (index) => !standsOut(index));
    this.print(pixels, area, hidden, this.strong, standsOut);
    unmultiply(pixels);
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * @param {Uint8ClampedArray} pixels
   * @param {Area} area
   * @param {Set<number>} hidden
   * @param {Stamp[][]} kind for each label
   * @param {((index: number) => boolean) | null} isMeant null for all
   */
  print(pixels, area, hidden, kind, isMeant) {
    const { ratio, side } = this;
    const { width, height } = this.image;
    const [toRight, down] = [area.perX * ratio, area.perY * ratio];
    const [left, top] = [area.view.x[0], area.view.y[1]];
    const half = side / 2;
    for (let index = 0; index < this.xs.length; index++) {
      const x = (this.xs[index] - left) * toRight - half;
      const y = (top - this.ys[index]) * down - half;
      if (!(x > -side && x < width && y > -side && y < height) || hidden.has(this.labels[index])) continue;
      if (isMeant && !isMeant(index)) continue;
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const phase = Math.floor((x - column) * PHASES) + PHASES * Math.floor((y - row) * PHASES);
      const stamps = kind[this.labels[index]]; // none for a label of no class
      if (stamps) press(pixels, width, height, stamps[phase], side, column, row);
    }
  }
}

/**
 * A stamp over what is there; both have their colours multiplied by their alpha.
 * @param {Uint8ClampedArray} pixels
 * @param {number} width
 * @param {number} height
 * @param {Stamp} stamp
 * @param {number} side
 * @param {number} column
 * @param {number} row
 */
function press(pixels, width, height, { across, down, ink }, side, column, row) {
  const isInside = column >= 0 && row >= 0 && column + side <= width && row + side <= height;
  for (let at = 0, from = 0; at < across.length; at++, from += 4) {
    const x = column + across[at];
    const y = row + down[at];
    if (!isInside && (x < 0 || y < 0 || x >= width || y >= height)) continue;
    const to = 4 * (y * width + x);
    const rest = 256 - ink[from + 3];
    pixels[to] = ink[from] + ((pixels[to] * rest) >> 8);
    pixels[to + 1] = ink[from + 1] + ((pixels[to + 1] * rest) >> 8);
    pixels[to + 2] = ink[from + 2] + ((pixels[to + 2] * rest) >> 8);
    pixels[to + 3] = ink[from + 3] + ((pixels[to + 3] * rest) >> 8);
  }
}

/** @param {Uint8ClampedArray} pixels */
function unmultiply(pixels) {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3];
    if (alpha === 0 || alpha === 255) continue;
    pixels[at] = (pixels[at] * 255) / alpha;
    pixels[at + 1] = (pixels[at + 1] * 255) / alpha;
    pixels[at + 2] = (pixels[at + 2] * 255) / alpha;
  }
}

/**
 * A dot with its outline at each place within a pixel, as the pixels that it inks.
 * @param {number[]} fill
 * @param {number[]} outline
 * @param {number} radius
 * @param {{ side: number, ratio: number }} canvas
 * @param {number} opacity
 * @returns {Stamp[]}
 */
function stampsOf(fill, outline, radius, { side, ratio }, opacity) {
  const stamps = [];
  for (let phase = 0; phase < PHASES * PHASES; phase++) {
    /** @type {[across: number[], down: number[], ink: number[]]} */
    const [across, down, ink] = [[], [], []];
    const centre = [side / 2 + middle(phase % PHASES), side / 2 + middle(Math.floor(phase / PHASES))];
    for (let at = 0; at < side * side; at++) {
      const [x, y] = [at % side, Math.floor(at / side)];
      const distance = Math.hypot(x + 0.5 - centre[0], y + 0.5 - centre[1]);
      const inside = clamp(radius - OUTLINE * ratio + 0.5 - distance);
      const edge = (clamp(radius + 0.5 - distance) - inside) * 0.6;
      const alpha = Math.round(255 * (inside + edge) * opacity);
      if (alpha === 0) continue;
      across.push(x);
      down.push(y);
      for (let channel = 0; channel < 3; channel++) {
        ink.push(Math.round((inside * fill[channel] + edge * outline[channel]) * opacity));
      }
      ink.push(alpha);
    }
    stamps.push({ across: Uint8Array.from(across), down: Uint8Array.from(down), ink: Uint8Array.from(ink) });
  }
  return stamps;
}

/** @param {number} phase */
function middle(phase) {
  return (phase + 0.5) / PHASES;
}

/** @param {number} value */
function clamp(value) {
  return Math.min(1, Math.max(0, value));
}

/**
 * The channels of a colour like #3f90da.
 * @param {string} colour
 */
function rgb(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
