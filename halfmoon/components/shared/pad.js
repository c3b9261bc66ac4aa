// A small canvas for drawing with mouse, finger or pen, and the conversion to an image like those of MNIST.

import { button, context2d, element } from "./dom.js";

const WIDTH = 224; // of the canvas in its own pixels, whatever its size on the page
const PEN = 20; // MNIST's strokes are about a tenth as wide as its digits are high

export class Pad {
  /**
   * The images are `side` x `side`, their ink within `box` x `box`; `onDrawing` is given each, null when it is gone.
   * `onDone` is called at the end of each stroke.
   * @param {{
   *   side: number, box: number, texts: { title: string, clear: string, hint: string },
   *   onDrawing: (pixels: Uint8Array<ArrayBuffer> | null) => void, onDone?: () => void,
   * }} pad
   */
  constructor({ side, box, texts, onDrawing, onDone = () => {} }) {
    this.side = side;
    this.box = box;
    this.onDrawing = onDrawing;
    this.canvas = element("canvas", "latent-pad-canvas");
    Object.assign(this.canvas, { width: WIDTH, height: WIDTH });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", texts.title);
    this.canvas.style.touchAction = "none"; // a finger here draws, and doesn't scroll the page
    this.canvas.style.background = "black"; // the ink is white, as in the images
    const clear = button("", texts.clear, () => this.clear());
    const [title, hint] = [element("h3", "", texts.title), element("p", "", texts.hint)];
    this.element = element("section", "latent-pad", title, this.canvas, hint, clear);

    this.context = context2d(this.canvas, { willReadFrequently: true });
    Object.assign(this.context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "white" });
    this.pointer = /** @type {number | null} */ (null); // the one that draws
    this.isEmpty = true;
    this.frame = /** @type {number | null} */ (null);
    this.last = /** @type {[number, number]} */ ([0, 0]);
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.canvas.addEventListener(end, ({ pointerId }) => {
        if (pointerId !== this.pointer) return;
        this.pointer = null;
        onDone();
      });
    }
  }

  clear() {
    this.pointer = null;
    this.isEmpty = true;
    this.context.clearRect(0, 0, WIDTH, WIDTH);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    this.onDrawing(null);
  }

  get isDrawing() {
    return this.pointer !== null;
  }

  /**
   * Goes on with an image that has been drawn before.
   * @param {Uint8Array} pixels
   */
  show(pixels) {
    const { side } = this;
    const ink = new ImageData(side, side);
    pixels.forEach((grey, at) => ink.data.set([255, 255, 255, grey], 4 * at));
    const small = element("canvas");
    Object.assign(small, { width: side, height: side });
    context2d(small).putImageData(ink, 0, 0);
    this.context.drawImage(small, 0, 0, WIDTH, WIDTH);
    this.isEmpty = false;
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    event.preventDefault(); // no text is selected
    this.canvas.setPointerCapture(event.pointerId); // a stroke may leave the pad and come back
    this.pointer = event.pointerId;
    this.last = this.place(event);
    this.stroke([this.last]); // a dot
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents();
    this.stroke((events.length ? events : [event]).map((each) => this.place(each)));
  }

  /** @param {[number, number][]} places of a stroke, in a square of side 1 */
  draw(places) {
    const [first, ...rest] = places.map(([x, y]) => /** @type {[number, number]} */ ([x * WIDTH, y * WIDTH]));
    this.last = first;
    this.stroke(rest);
  }

  /** @param {[number, number][]} places */
  stroke(places) {
    this.isEmpty = false;
    this.context.beginPath();
    this.context.moveTo(...this.last);
    for (const [x, y] of places) this.context.lineTo(x + 0.01, y); // a line to its own beginning would leave no ink
    this.context.stroke();
    this.last = places[places.length - 1];
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.onDrawing(normalise(this.ink(), WIDTH, WIDTH, this.side, this.box));
    });
  }

  /**
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  place(event) {
    const area = this.canvas.getBoundingClientRect();
    return [((event.clientX - area.left) * WIDTH) / area.width, ((event.clientY - area.top) * WIDTH) / area.height];
  }

  ink() {
    const { data } = this.context.getImageData(0, 0, WIDTH, WIDTH);
    const ink = new Uint8Array(WIDTH * WIDTH);
    for (let at = 0; at < ink.length; at++) ink[at] = data[4 * at + 3];
    return ink;
  }
}

/**
 * MNIST's own way: the ink's bounding box is scaled into box x box, and its centre of mass moved, by whole pixels, to
 * the middle of side x side, which there is the pixel (side / 2, side / 2). Null where there is no ink at all.
 * @param {Uint8Array} ink bytes, 0 where there is none
 * @param {number} width
 * @param {number} height
 * @param {number} side
 * @param {number} box
 */
export function normalise(ink, width, height, side, box) {
  const found = extent(ink, width, height);
  if (found.left > found.right) return null;
  // A drawing with its mass far at one end would leave the image at the other: it is made smaller until it fits.
  for (let scale = box / Math.max(found.right - found.left, found.bottom - found.top); ; scale *= 0.95) {
    const columns = cells(found.left, found.right, scale);
    const rows = cells(found.top, found.bottom, scale);
    const small = rows.flatMap((row) => columns.map((column) => scale ** 2 * total(ink, width, row, column)));
    const { centre } = extent(small, columns.length, rows.length);
    const [left, top] = centre.map((value) => Math.round(side / 2 + 0.5 - value));
    if (Math.min(left, top) < 0 || Math.max(left + columns.length, top + rows.length) > side) continue;
    const image = new Uint8Array(side * side);
    small.forEach((value, at) => {
      const row = Math.floor(at / columns.length);
      image[(top + row) * side + left + (at % columns.length)] = Math.round(value);
    });
    return image;
  }
}

/**
 * The edges of the ink and its centre of mass; a pixel reaches from its number to the next, its centre between.
 * @param {ArrayLike<number>} ink
 * @param {number} width
 * @param {number} height
 */
function extent(ink, width, height) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  let [mass, x, y] = [0, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (!ink[at]) continue;
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column + 1);
      box.top = Math.min(box.top, row);
      box.bottom = row + 1;
      mass += ink[at];
      x += ink[at] * (column + 0.5);
      y += ink[at] * (row + 0.5);
    }
  }
  return { ...box, centre: [x / mass, y / mass] };
}

/**
 * The pixels of the scaled drawing along one side: of each, the stretch of the drawing that it covers.
 * @param {number} start
 * @param {number} end
 * @param {number} scale
 * @returns {[start: number, end: number][]}
 */
function cells(start, end, scale) {
  const count = Math.max(1, Math.ceil((end - start) * scale - 1e-9));
  return Array.from({ length: count }, (_, at) => [start + at / scale, Math.min(end, start + (at + 1) / scale)]);
}

/**
 * The ink in a rectangle, in which the pixels on its edges count in part.
 * @param {Uint8Array} ink
 * @param {number} width
 * @param {[top: number, bottom: number]} rows
 * @param {[left: number, right: number]} columns
 */
function total(ink, width, [top, bottom], [left, right]) {
  let sum = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    const high = Math.min(y + 1, bottom) - Math.max(y, top);
    for (let x = Math.floor(left); x < right; x++) {
      sum += high * (Math.min(x + 1, right) - Math.max(x, left)) * ink[y * width + x];
    }
  }
  return sum;
}
