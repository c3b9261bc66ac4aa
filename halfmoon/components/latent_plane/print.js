// A plane as a picture for a paper: what is seen of it, with what one has to know to read it. The PNG is made of the SVG,
// so both show the same.

import { Area } from "../shared/area.js";
import { fileName, saveDrawing } from "../shared/files.js";
import { legend, LINE, onPaper, picture, PIXELS, TYPE, unstyled, widthFor, wrapped } from "../shared/paper.js";
import { make, write } from "../shared/svg.js";
import { readTheme } from "../shared/theme.js";
import { nameOf, outlined } from "./outlines.js";
import { marked } from "./overlay.js";
import { axesOf, roomBeside } from "./print-axes.js";
import { dotsOf } from "./print-dots.js";
import { scaleOf } from "./print-scale.js";

/** @import { Format } from "../shared/files.js" */
/** @import { Line } from "./outlines.js" */
/** @import { LayerImage } from "./layers.js" */
/** @import { Plane } from "./plane.js" */

const EDGE = 5; // pixels around it all
const GAP = 7; // between its parts

/**
 * Saves the plane as a file of this format.
 * @param {Plane} plane
 * @param {Format} format
 */
export async function print(plane, format) {
  const { spec, scene, beneath, surroundings } = plane;
  await surroundings.gapSettled();
  const drawing = await onPaper("latent-plane", (sheet) => printed(plane, sheet));
  await saveDrawing(drawing, fileName(scene.data, "plane", spec.slug, ...beneath.names), format, PIXELS);
}

/**
 * @param {Plane} plane
 * @param {HTMLElement} sheet of paper
 */
async function printed(plane, sheet) {
  const theme = readTheme(sheet);
  const screen = /** @type {Area} */ (plane.area());
  const { images, lines } = await plane.beneath.drawnIn(theme);
  const width = widthFor(screen);
  const head = heading(plane.spec.heading, width);
  const area = areaOf(plane, screen, width, head.bottom);
  const axes = axesOf(plane, area, theme);
  const onAxes = images.map((image) => ({ isAbove: image.isAbove, drawing: imageOf(image, area) }));
  const layer = (/** @type {boolean} */ above) => onAxes.flatMap(({ isAbove, drawing }) => (isAbove === above ? drawing : []));
  const clip = { x: area.left, y: area.top, width: area.width, height: area.height };
  const inside = [
    ...layer(false),
    ...axes.within,
    ...layer(true),
    dotsOf(plane, area, area.width / screen.width, theme),
    outlines(lines, area, sheet),
    marks(plane, area, sheet),
  ];
  const frame = make("rect", { ...clip, fill: "none", stroke: theme.text, "stroke-width": 0.75 });
  const classes = plane.classes.filter((_, label) => plane.dims > 1 && !plane.hidden.has(label)); // a lane has its name
  const names = legend(classes, area.left, axes.bottom + GAP, width - EDGE);
  const scale = scaleOf(plane, area, theme, names.bottom + GAP);
  const parts = [...head.parts, make("svg", clip, inside), frame, ...axes.beside, ...names.parts, ...scale.parts];
  return picture(width, Math.ceil(scale.bottom + EDGE), plane.spec.heading.join(". "), parts);
}

/**
 * @param {string[]} words the first ones strong
 * @param {number} width
 */
function heading([title, ...rest], width) {
  const within = width - 2 * EDGE;
  const strong = wrapped(title, within, 600);
  const lines = [...strong, ...rest.flatMap((words) => wrapped(words, within))];
  const parts = lines.map((words, at) =>
    write(words, EDGE, EDGE + TYPE + at * LINE, { "font-size": TYPE, "font-weight": at < strong.length ? 600 : 400 }),
  );
  return { parts, bottom: EDGE + lines.length * LINE };
}

/**
 * What is in view, on paper.
 * @param {Plane} plane
 * @param {Area} screen
 * @param {number} width
 * @param {number} top
 */
function areaOf(plane, screen, width, top) {
  const left = EDGE + roomBeside(plane, screen.view);
  const across = width - EDGE - left;
  const box = { left, top: top + GAP, width: across, height: (across * screen.height) / screen.width };
  return new Area(box, screen.view);
}

/**
 * @param {LayerImage} image
 * @param {Area} area
 */
function imageOf({ canvas, x, y }, area) {
  const [left, top] = area.toPixel([x[0], y[1]]);
  const size = { width: (x[1] - x[0]) * area.perX, height: (y[1] - y[0]) * area.perY };
  return make("image", { x: left, y: top, ...size, preserveAspectRatio: "none", href: canvas.toDataURL() });
}

/**
 * @param {Line[]} lines
 * @param {Area} area
 * @param {HTMLElement} sheet
 */
function outlines(lines, area, sheet) {
  const markup = [...lines.map((line) => outlined(line, area)), ...lines.map((line) => nameOf(line, area))];
  return unstyled(sheet, "latent-plane-overlay latent-plane-outlines", markup.join(""));
}

/**
 * All but the cursor, which nobody has left there.
 * @param {Plane} plane
 * @param {Area} area
 * @param {HTMLElement} sheet
 */
function marks({ overlay }, area, sheet) {
  const left = overlay.shown.filter(({ kind }) => kind !== "cursor");
  const markup = left.map((mark) => overlay.beyond(mark, area) ?? marked(mark, area));
  return unstyled(sheet, "latent-plane-overlay", markup.join(""));
}
