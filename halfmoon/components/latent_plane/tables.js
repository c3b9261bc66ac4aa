// Codes as tables for other programs: of selected dots, and of saved places. The first row says what the columns are, and
// in which units; like all numbers for programs they are in English.

import { rounded } from "../shared/dom.js";
import { fileName, saveTable } from "../shared/files.js";

/** @import { Board } from "./board.js" */
/** @import { Pin } from "./data.d.ts" */
/** @import { Plane } from "./plane.js" */
/** @import { Points } from "./points.js" */

/**
 * The selected dots of a plane: which test image, its class, its code.
 * @param {Plane} plane
 * @param {Points} points
 * @param {number[]} indices
 */
export function saveSelection(plane, points, indices) {
  const { spec, scene } = plane;
  const header = ["model", "test image no.", "class", ...codeHeader(points.latentDim)];
  const rows = indices.map((index) => [
    spec.title,
    points.position(index),
    plane.className(index),
    ...codeCells(plane, points.code(index)),
  ]);
  saveTable([header, ...rows], fileName(scene.data, "selection", spec.slug));
}

/**
 * The saved places, each as every plane codes it.
 * @param {Board} board
 * @param {Pin[]} places
 */
export function savePlaces(board, places) {
  const [{ scene, spec }] = board.planes;
  const rows = places.flatMap((place, at) =>
    board.planes.flatMap((plane) => {
      const code = board.codeOf(plane, place);
      const what = typeof place === "string" ? "own image" : "place";
      return code ? [[at + 1, what, plane.spec.title, ...codeCells(plane, code)]] : [];
    }),
  );
  const header = ["no.", "what", "model", ...codeHeader(spec.points.latent_dim)];
  saveTable([header, ...rows], fileName(scene.data, "places"));
}

/** @param {number} dims */
function codeHeader(dims) {
  const units = ["the model's own units", "standard coordinates"];
  return units.flatMap((unit) => Array.from({ length: dims }, (_, dim) => `code ${dim + 1} (${unit})`));
}

/**
 * @param {Plane} plane
 * @param {number[]} code
 */
function codeCells({ space }, code) {
  return [...rounded(code), ...rounded(space.standardise(code))];
}
