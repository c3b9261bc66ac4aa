// What a plane asks of those around it, and what it tells them.

import type { Theme } from "../shared/theme.js";
import type { Known } from "./gap-scale.js";
import type { LayerImage } from "./layers.js";
import type { Population } from "./journey.js";
import type { Plane } from "./plane.js";
import type { Corner } from "./selection.js";

export interface Surroundings {
  hidden: Set<number>; // labels that are not to be seen
  gapImage(plane: Plane, theme?: Theme): LayerImage | null; // its gap map, as far as it is known
  gapSettled(): Promise<void>; // when there is no more to come of it
  gapKnown(): Known; // what is known of it
  isMapped(): boolean; // whether it is to have one
  isComputing(plane: Plane): boolean; // whether it is on its way
  through(plane: Plane): number[]; // the code that its slice passes through
  before(plane: Plane): Population | null; // what was shown in its place
  landmarks(plane: Plane): number[][]; // places that it is to show besides its points
}

export interface Listener {
  ready(plane: Plane): void; // it answers the hand, or has other images than before
  hover(plane: Plane, code: number[], point: number | null): void;
  leave(plane: Plane): void;
  choose(plane: Plane, code: number[], point: number | null): void;
  announce(plane: Plane, className: string): void;
  select(plane: Plane, outline: Corner[]): void;
  zoom(plane: Plane): void; // the user has chosen another part of it
}
