// The scale of a printed gap map: its colours with a few values, and in words what they say.

import { fill } from "../shared/dom.js";
import { LINE, TYPE, wrapped } from "../shared/paper.js";
import { make, write } from "../shared/svg.js";
import { colours, FAR } from "./gap-image.js";
import { ticksOf } from "./gap-scale.js";

/** @import { Area } from "../shared/area.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { Gap } from "./data.d.ts" */
/** @import { Plane } from "./plane.js" */

const HEIGHT = 8; // pixels, of the bar
const TICK = 3;
const STOPS = 32; // colours along it

/**
 * Nothing where there is no map.
 * @param {Plane} plane
 * @param {Area} area
 * @param {Theme} theme
 * @param {number} top
 * @returns {{ parts: SVGElement[], bottom: number }}
 */
export function scaleOf({ surroundings, texts }, { left, width }, theme, top) {
  const { gap, range, isBeyond } = surroundings.gapKnown();
  if (!gap || !range) return { parts: [], bottom: top };
  const said = wrapped(`${gap.title} (${gap.unit}). ${fill(texts.gap_note, { far: FAR })}`, width);
  const words = said.map((line, at) => write(line, left, top + TYPE + at * LINE, { "font-size": TYPE }));
  const at = top + said.length * LINE + 4;
  const bar = make("rect", { x: left, y: at, width, height: HEIGHT, fill: "url(#scale)", stroke: theme.text, "stroke-width": 0.5 });
  const under = at + HEIGHT + TICK;
  const ticks = ticksOf(gap, range, isBeyond).flatMap(({ share, text }) => {
    const [x, anchor] = [left + share * width, share < 0.05 ? "start" : share > 0.95 ? "end" : "middle"];
    const sign = make("path", { d: `M${x} ${at + HEIGHT}V${under}`, stroke: theme.text, "stroke-width": 0.75 });
    return [sign, write(text, x, under + TYPE, { "font-size": TYPE, "text-anchor": anchor })];
  });
  const parts = [gradient(gap, theme), bar, ...words, ...ticks];
  return { parts: [make("g", { class: "scale" }, parts)], bottom: under + LINE };
}

/**
 * @param {Gap} gap
 * @param {Theme} theme
 */
function gradient({ worst, middle }, theme) {
  const colour = colours(theme);
  const stops = Array.from({ length: STOPS + 1 }, (_, at) => {
    const share = worst === "low" ? 1 - at / STOPS : at / STOPS;
    const channels = colour(middle === null ? share : 2 * share - 1);
    return make("stop", { offset: at / STOPS, "stop-color": `rgb(${channels.join()})` });
  });
  return make("linearGradient", { id: "scale" }, stops);
}
