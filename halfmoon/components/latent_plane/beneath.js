// The layers of a plane as Plotly's layout has them: images beneath the points or, where there are none, over the lines
// of the axes, and shapes.

import { LAYERS } from "./layers.js";

// {images, shapes} of the layers with these names, or null where the draw was abandoned or failed.
export async function beneath(plane, names, signal) {
  const { view, width, height } = plane.area();
  const { decoder } = plane.spec.image;
  const panel = {
    dims: plane.dims,
    xs: plane.xs,
    ys: plane.dims === 1 ? undefined : plane.ys,
    classCount: plane.classes.length,
    toCode: (place) => plane.space.code(place, plane.through(plane)),
    placeOfStandard: (standard) => plane.space.priorPlace(standard),
    source: plane.source,
    decoderUrl: decoder ? new URL(`${plane.base}/${decoder}`, location).href : null,
    width,
    height,
    theme: plane.theme,
  };
  const gap = plane.gaps.image(plane);
  try {
    const own = names.filter((name) => name in LAYERS);
    const drawn = await Promise.all(own.map((name) => LAYERS[name].draw(panel, { ...view, signal })));
    if (signal.aborted) return null;
    const images = [gap, ...drawn.flatMap((layer) => layer.images)].filter(Boolean);
    return { images: images.map(toLayoutImage), shapes: drawn.flatMap((layer) => layer.shapes) };
  } catch (error) {
    if (!signal.aborted) console.error(error);
    return null;
  }
}

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
