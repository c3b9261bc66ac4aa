// The layers under the points of a plane, in Plotly's layout. Images are beneath the points or,
// where there are none, over the lines of the axes.

import { LAYERS } from "./layers.js";

/** @import { AreaView } from "../shared/area.js" */
/** @import { LayerImage, Panel } from "./layers.js" */
/** @import { Plane } from "./plane.js" */

export class Beneath {
  /** @param {Plane} plane */
  constructor(plane) {
    this.plane = plane;
    this.names = /** @type {string[]} */ ([]);
    this.drawing = /** @type {AbortController | null} */ (null); // that is under way
  }

  // Other layers, or the same ones for another view.
  async draw(names = this.names) {
    const { plane } = this;
    this.names = names;
    plane.board.classList.toggle("mapped", plane.surroundings.isMapped());
    const panel = panelOf(plane);
    if (!panel || !plane.isEquipped || !plane.axes.isHere) return; // on the way: then they are drawn
    this.end();
    this.drawing = new AbortController();
    const gap = plane.surroundings.gapImage(plane);
    const layout = await plane.axes.here(layoutOf(panel, plane.view(), gap, names, this.drawing.signal));
    if (!layout) return;
    await plane.axes.change(layout);
    plane.element.dataset.layers = names.join(" ");
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
 * {images, shapes} of the layers with these names, above the image of a gap map if there is one; null where the draw
 * was abandoned or failed.
 * @param {Panel} panel
 * @param {AreaView} view
 * @param {LayerImage | null} gap
 * @param {string[]} names
 * @param {AbortSignal} signal
 */
async function layoutOf(panel, view, gap, names, signal) {
  try {
    const own = names.filter((name) => name in LAYERS);
    const drawn = await Promise.all(own.map((name) => LAYERS[name].draw(panel, { ...view, signal })));
    if (signal.aborted) return null;
    const images = [gap, ...drawn.flatMap((layer) => layer?.images ?? [])].filter((image) => image !== null);
    return { images: images.map(toLayoutImage), shapes: drawn.flatMap((layer) => layer?.shapes ?? []) };
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
