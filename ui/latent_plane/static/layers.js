// What can be drawn beneath the points of a plane.
//
// A layer is { followsView, draw }: `draw(plane, view)` gives { images, shapes } for Plotly's layout, an image being
// { canvas, x: [low, high], y: [low, high] }, or null where `view.signal` has been aborted. A layer that follows the
// view is drawn again for every part of the plane.

import { density } from "./density.js";
import { manifold } from "./manifold.js";
import { rings } from "./rings.js";

export { film } from "./manifold.js";

export const LAYERS = { manifold, density, rings };
