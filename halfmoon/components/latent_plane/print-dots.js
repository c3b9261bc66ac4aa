// The dots of a printed plane: a circle each, or a picture of them where there are too many for whoever opens the file.

import { Area } from "../shared/area.js";
import { Dots, FAINT, OPACITY } from "../shared/dots.js";
import { PIXELS } from "../shared/paper.js";
import { make } from "../shared/svg.js";
import { ticksAt } from "./edges.js";

/** @import { Theme } from "../shared/theme.js" */
/** @import { Plane } from "./plane.js" */

const MOST = 20_000; // circles
const SMALLEST = 1.6; // pixels, of a dot

/**
 * The dots in view, and the ticks of those that are not, as faint as they are seen.
 * @param {Plane} plane
 * @param {Area} area
 * @param {number} scale of the paper to the screen
 * @param {Theme} theme
 */
export function dotsOf(plane, area, scale, theme) {
  const { dots, colours, hidden } = plane;
  const size = Math.max(SMALLEST, dots.size * scale);
  const seen = inView(plane, area, size);
  const drawn = seen.length > MOST ? pictured(plane, area, size, theme) : circles(plane, area, seen, size, theme);
  const ticks = ticksAt(dots, area, colours, hidden).ticks.map(({ colour, ...box }) => make("rect", { ...box, fill: colour }));
  const opacity = getComputedStyle(dots.canvas).opacity;
  return make("g", { class: "dots", opacity }, [...drawn, make("g", { "fill-opacity": 0.85 }, ticks)]);
}

/**
 * The indices of the dots that are seen.
 * @param {Plane} plane
 * @param {Area} area
 * @param {number} size
 */
function inView(plane, area, size) {
  const { xs, ys } = plane.dots;
  return Array.from(xs, (_, index) => index).filter((index) => {
    const [x, y] = area.toPixel([xs[index], ys[index]]);
    return plane.isSeen(index) && x > -size && y > -size && x < area.width + size && y < area.height + size;
  });
}

/**
 * @param {Plane} plane
 * @param {Area} area
 * @param {number[]} seen
 * @param {number} size
 * @param {Theme} theme
 */
function circles({ dots, colours, emphasis }, area, seen, size, theme) {
  const { xs, ys, labels } = dots;
  const standsOut = emphasis.standingOut() ?? (() => true);
  const beneath = seen.filter((index) => !standsOut(index));
  const made = [...beneath, ...seen.filter(standsOut)].map((index) => {
    const [cx, cy] = area.toPixel([xs[index], ys[index]]).map((pixel) => pixel.toFixed(2));
    const circle = make("circle", { cx, cy, r: (size / 2).toFixed(2), fill: colours[labels[index]] });
    if (!standsOut(index)) circle.setAttribute("opacity", (FAINT / OPACITY).toFixed(2));
    return circle;
  });
  const look = { "fill-opacity": OPACITY, stroke: theme.text, "stroke-opacity": OPACITY / 2, "stroke-width": size / 8 };
  return [make("g", look, made)];
}

/**
 * @param {Plane} plane
 * @param {Area} area
 * @param {number} size
 * @param {Theme} theme
 */
function pictured({ dots, colours, hidden, emphasis, texts }, { width, height, view }, size, theme) {
  const { xs, ys, labels } = dots;
  const painted = new Dots();
  painted.set({ xs, ys, labels, colours, ink: theme.text, size: size * PIXELS });
  painted.draw(new Area({ left: 0, top: 0, width: width * PIXELS, height: height * PIXELS }, view), hidden, emphasis.standingOut());
  const note = make("desc", {});
  note.textContent = texts.dots_pictured;
  return [note, make("image", { width, height, href: painted.canvas.toDataURL() })];
}
