// What can be drawn beneath the points of a plane.
//
// A layer is { draw }: `draw(plane, view)` gives { images, shapes } for Plotly's layout, an image being { canvas,
// x: [low, high], y: [low, high], isAbove }, or null where `view.signal` has been aborted. It is called for every part
// of the plane that is looked at, in every size and theme.

import { density } from "./density.js";
import { manifold } from "./manifold.js";
import { rings } from "./rings.js";

export { film } from "./manifold.js";

export const LAYERS = { manifold, density, rings };
