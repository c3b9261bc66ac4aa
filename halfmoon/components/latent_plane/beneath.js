// The layers of a plane. Their images are in Plotly's layout, beneath the points and above the lines of the axes or,
// behind the lanes of a line, beneath those too; their lines are over the points.

import { element } from "../shared/dom.js";
import { LAYERS, PICTURES } from "./layers.js";
import { Outlines } from "./outlines.js";

/** @import { AreaView } from "../shared/area.js" */
/** @import { Drawn, LayerImage, Panel } from "./layers.js" */
/** @import { Plane } from "./plane.js" */
/** @import { Theme } from "../shared/theme.js" */

export class Beneath {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.names = /** @type {string[]} */ ([]);
    this.drawing = /** @type {AbortController | null} */ (null); // that is under way
    this.lines = new Outlines(() => plane.area());
    this.busy = element("div", "latent-plane-busy", plane.texts.computing);
    this.busy.setAttribute("role", "status");
    this.busy.hidden = true;
  }

  // Other layers, or the same ones for another view.
  async draw(names = this.names) {
    const { plane } = this;
    this.names = names;
    plane.board.classList.toggle("layered", isPictured(plane, names));
    const panel = panelOf(plane);
    if (!panel || !plane.isEquipped || !plane.axes.isHere) return; // on the way: then they are drawn
    this.end();
    this.drawing = new AbortController();
    const gap = plane.surroundings.gapImage(plane);
    this.busy.hidden = !plane.surroundings.isComputing(plane);
    const drawn = await plane.axes.here(drawnOf(panel, plane.view(), names, this.drawing.signal));
    if (!drawn) return;
    this.lines.show(drawn.lines);
    await plane.axes.change({ images: [...(gap ? [gap] : []), ...drawn.images].map(toLayoutImage) });
    plane.element.dataset.layers = names.join(" ");
  }

  // What is drawn, in another theme.
  /** @param {Theme} theme */
  async drawnIn(theme) {
    const { plane } = this;
    const panel = panelOf(plane);
    const drawn = panel && (await drawnOf({ ...panel, theme }, plane.view(), this.names, new AbortController().signal));
    const gap = plane.surroundings.gapImage(plane, theme);
    return { images: [...(gap ? [gap] : []), ...(drawn?.images ?? [])], lines: drawn?.lines ?? [] };
  }

  end() {
    this.drawing?.abort();
  }
}

/**
 * What the layers may know of a plane, as soon as it has images.
 * @param {Plane} plane
 * @returns {Panel | null}
 */
function panelOf(plane) {
  const area = plane.area();
  if (!plane.source || !area) return null;
  const { decoder } = plane.spec.image;
  return {
    dims: plane.dims,
    xs: plane.xs,
    ys: plane.dims === 1 ? undefined : plane.ys,
    classCount: plane.classes.length,
    toCode: (place) => plane.codeAt(place),
    placeOfStandard: (standard) => plane.space.priorPlace(standard),
    source: plane.source,
    decoderUrl: decoder ? new URL(`${plane.scene.base}/${decoder}`, location.href).href : null,
    width: area.width,
    height: area.height,
    theme: plane.theme,
  };
}

/**
 * Whether there is a layer to be looked at as a picture, for which the points are to stand back. On a line the lanes lie
 * over a map, and beside the film.
 * @param {Plane} plane
 * @param {string[]} names
 */
function isPictured(plane, names) {
  return plane.dims === 2 && (plane.surroundings.isMapped() || names.some((name) => PICTURES.has(name)));
}

/**
 * What the layers with these names draw; null where the draw was abandoned or failed.
 * @param {Panel} panel
 * @param {AreaView} view
 * @param {string[]} names
 * @param {AbortSignal} signal
 * @returns {Promise<Drawn | null>}
 */
async function drawnOf(panel, view, names, signal) {
  try {
    const own = names.filter((name) => name in LAYERS);
    const drawn = await Promise.all(own.map((name) => LAYERS[name].draw(panel, { ...view, signal })));
    if (signal.aborted) return null;
    const whole = drawn.filter((layer) => layer !== null);
    return { images: whole.flatMap(({ images }) => images), lines: whole.flatMap(({ lines }) => lines) };
  } catch (error) {
    if (!signal.aborted) console.error(error);
    return null;
  }
}

/** @param {LayerImage} image */
function toLayoutImage({ canvas, x, y, isAbove }) {
  return {
    source: canvas.toDataURL(),
    xref: "x",
    yref: "y",
    x: x[0],
    y: y[1],
    sizex: x[1] - x[0],
    sizey: y[1] - y[0],
    sizing: "stretch",
    layer: isAbove ? "above" : "below",
  };
}
