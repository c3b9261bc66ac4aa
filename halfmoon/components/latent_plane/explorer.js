// The planes of a page with what belongs to them: the classes, the layers, the pins, the drawing pad. It holds the view,
// and shows a change of it at once.

import { afterFrame, button, element, fill, rounded } from "../shared/dom.js";
import { toggles } from "../shared/toggles.js";
import { Board } from "./board.js";
import { Drawing } from "./drawing.js";
import { GapMap } from "./gap-map.js";
import { hint } from "./hint.js";
import { key } from "./key.js";
import { Linked } from "./linked.js";
import { look } from "./look.js";
import { Machine } from "./machine.js";
import { OwnImages } from "./own-images.js";
import { Pins } from "./pins.js";
import { Sliders } from "./sliders.js";
import { savePlaces } from "./tables.js";

/** @import { Pin, Scene, View } from "./data.d.ts" */
/** @import { Population } from "./journey.js" */

export class Explorer {
  /**
   * @param {HTMLElement} root
   * @param {Scene} scene
   * @param {View} view
   * @param {Population[]} before what was shown here
   * @param {(view: View) => void} changed the user has changed it
   */
  constructor(root, scene, view, before, changed) {
    const { texts } = scene;
    this.scene = scene;
    this.texts = texts;
    this.view = view;
    this.changed = changed;
    const hidden = /** @type {Set<number>} */ (new Set());
    this.gaps = new GapMap(scene, {
      choose: (gap) => this.showOnly((name) => (this.gaps.has(name) ? name === gap : this.isShown(name))),
      worst: (run, code) => this.goToWorst(run, code),
      change: () => this.drawLayers(),
    });
    this.own = new OwnImages({
      encoded: (image, pixels) => this.encoded(image, pixels),
      fail: () => this.announce(texts.draw_failed),
    });
    this.board = new Board(scene, hidden, this.gaps, this.own, before, {
      ready: () => {
        this.showPins();
        this.linked.refresh(this.view);
        this.machine?.refresh();
      },
      look: (codes, images) => this.machine?.look(codes, images),
      choose: (plane, code, point) => {
        const position = plane.points === null || point === null ? null : plane.points.position(point);
        if (this.linked.isBeside(plane, code)) this.view = { ...this.view, lasso: [] };
        this.goTo(plane.spec.run, position === null ? rounded(code) : code, position);
      },
      select: (plane, outline) => {
        this.change({ lasso: outline.length ? [this.board.planes.indexOf(plane), ...outline.flat()] : [] });
      },
      zoom: () => this.change({ zooms: this.board.zooms }),
      announce: (words) => this.announce(words),
    });
    this.pins = new Pins(texts, `${scene.base}/${scene.walk}`, scene.data, {
      table: () => savePlaces(this.board, this.view.pins),
      change: (pins) => this.change({ pins }),
      open: (pin) => this.open(pin),
    });
    this.linked = new Linked(scene, this.board, hidden, {
      change: (change) => this.change(change),
      announce: (words) => this.announce(words),
    });
    this.live = element("p", "latent-plane-live");
    this.live.setAttribute("aria-live", "polite");
    this.keep = button("latent-plane-keep", texts.keep, () => this.keepPin());
    this.board.side.append(this.keep);
    this.sliders = new Sliders({
      move: (code) => this.preview({ code, point: null, image: "" }),
      end: (code) => this.goTo(this.view.run, rounded(code)),
    });
    this.board.aside.append(this.sliders.element);
    this.layerRow = element("div");
    const { legend, travel, sheet } = this.linked;
    const below = element("div", "latent-plane-below", legend.element, this.layerRow, travel);
    const maps = scene.gaps.length ? [this.gaps.scale.element, this.gaps.menu] : [];
    root.replaceChildren(this.board.element, below, ...maps, sheet.element, this.pins.element, this.live);
    const steps = hint(scene);
    if (steps) root.prepend(steps);
    this.drawing = scene.drawing && this.pad(scene.drawing, below);
    const signs = key(scene);
    below.append(signs.button, signs.sheet);
    this.machine = scene.is_answered && scene.drawing ? this.machineOf(scene.drawing) : null;
    if (this.machine) root.prepend(this.machine.element);
    this.showLayers();
    this.show();
    this.showPins();
    this.board.load();
  }

  /**
   * @param {{ side: number, box: number }} images
   * @param {HTMLElement} below
   */
  pad(images, below) {
    const drawing = new Drawing(images, this.scene, this.board, this.own, {
      view: () => this.view,
      preview: (place) => this.preview(place),
      change: (place) => this.change(place),
      draw: (image, pixels) => this.feedMachine(image, pixels),
      fail: () => this.announce(this.texts.draw_failed),
    });
    below.append(drawing.button);
    this.board.aside.append(drawing.pad.element);
    return drawing;
  }

  /** @param {{ side: number, box: number }} images */
  machineOf(images) {
    const { board } = this;
    return new Machine(this.scene, images, board.planes, {
      draw: () => this.drawing?.toggle(),
      walk: (plane, standard) => board.hover(plane, plane.space.unstandardise(standard), null, false),
      leave: () => board.leave(),
    });
  }

  /**
   * A model has encoded an image of one's own that the view holds.
   * @param {string} image packed
   * @param {Uint8Array<ArrayBuffer>} pixels
   */
  encoded(image, pixels) {
    this.showPlace();
    this.showPins();
    if (image === this.view.image) this.feedMachine(image, pixels);
  }

  /**
   * @param {string} image packed
   * @param {Uint8Array<ArrayBuffer>} pixels
   */
  feedMachine(image, pixels) {
    this.machine?.show(pixels);
    this.board.planes.forEach((plane, at) => {
      const encoded = this.own.encoded(plane, image);
      if (encoded) this.machine?.showCode(at, encoded);
    });
  }

  remove() {
    this.linked.remove();
    this.machine?.remove();
    this.board.remove();
    this.gaps.forget();
  }

  /**
   * From now on this is the view, wherever it came from.
   * @param {View} view
   */
  adopt(view) {
    const before = this.view;
    this.view = view;
    this.show();
    if (before.layers.join() !== view.layers.join()) this.showLayers();
    else if (this.board.isSlice) this.drawLayers(view.layers);
    if (JSON.stringify(before.pins) !== JSON.stringify(view.pins)) this.showPins();
  }

  show() {
    const { view } = this;
    afterFrame(() => look(view)); // the server's work would take the frame's time
    this.linked.show(view);
    this.showPlace();
  }

  // Where one looks, by planes, pictures and sliders.
  showPlace() {
    this.board.show(this.view);
    this.board.refresh();
    this.sliders.show(this.board.active().spec.sliders, this.view.code);
  }

  /**
   * A view on the way to another, which alone is worth the server's work and a layer's.
   * @param {Partial<View>} change
   */
  preview(change) {
    this.view = { ...this.view, ...change };
    this.showPlace();
  }

  /** @param {Partial<View>} change of the view by the user */
  change(change) {
    const view = { ...this.view, ...change };
    if (JSON.stringify(view) === JSON.stringify(this.view)) return; // it would be answered once, and not again
    this.adopt(view);
    this.changed(view);
  }

  /**
   * The user has chosen a code: anywhere, or that of a test image with its position.
   * @param {string} run
   * @param {number[]} code
   * @param {number | null} point
   */
  goTo(run, code, point = null) {
    this.change({ run, code, point, image: "" });
  }

  /** @param {Pin} pin */
  open(pin) {
    const plane = this.board.active();
    const code = this.board.codeOf(plane, pin);
    if (!code) return;
    const image = typeof pin === "string" ? pin : "";
    this.change({ code: rounded(code), point: null, image });
  }

  keepPin() {
    const { pins, code, image } = this.view;
    if (pins.length >= this.scene.max_pins) return;
    this.change({ pins: [...pins, image || rounded(this.board.active().space.standardise(code))] });
  }

  // The strip of saved places, each decoded by every plane.
  showPins() {
    const { pins } = this.view;
    const { max_pins: maxPins } = this.scene;
    this.pins.show(pins, (pin) =>
      this.board.planes.flatMap((plane) => {
        const code = this.board.codeOf(plane, pin);
        return code ? [{ spec: plane.spec, code, pixels: plane.image(code)?.slice() }] : [];
      }),
    );
    this.keep.disabled = pins.length >= maxPins;
    this.keep.title = this.keep.disabled ? fill(this.texts.pins_full, { count: maxPins }) : "";
  }

  /** @param {string} words for those who don't see it */
  announce(words) {
    this.live.textContent = words;
  }

  /** @param {string} name of a layer */
  isShown(name) {
    return this.view.layers.includes(name);
  }

  showLayers() {
    const { texts } = this;
    const own = this.scene.layers.filter((name) => !this.gaps.has(name));
    const row = toggles(
      "latent-plane-layers",
      texts.layers,
      own.map((key) => ({ key, name: texts[`layer_${key}`] })),
      (key) => this.isShown(key),
      (key) => this.showOnly((name) => this.isShown(name) !== (name === key)),
    );
    if (this.scene.gaps.length) row.append(this.gaps.pill);
    this.layerRow.replaceWith(row);
    this.layerRow = row;
    this.gaps.show(this.view.layers.find((name) => this.gaps.has(name)) ?? null);
    this.drawLayers(this.view.layers);
  }

  /** @param {string[]} [names] those that are drawn already, if there are none */
  drawLayers(names) {
    for (const plane of this.board.planes) plane.drawLayers(names);
  }

  /** @param {(name: string) => boolean} isShown */
  showOnly(isShown) {
    this.change({ layers: this.scene.layers.filter(isShown) });
  }

  /**
   * @param {string} run
   * @param {number[]} code
   */
  goToWorst(run, code) {
    this.goTo(run, rounded(code));
    const plane = this.board.active();
    plane.reveal(plane.space.place(code));
  }
}
