// What Python gives the walk and the results; the twins of the dataclasses in halfmoon/components/half_moon/__init__.py.

import type { Texts } from "../shared/dom.js";

export interface Positions {
  first: number;
  last: number;
  step: number;
  new: number;
  full: number;
}

export interface Model {
  run: string;
  kind: string;
  title: string;
  colour: string;
  decoder: string | null;
  codes: [atNew: number, atFull: number];
  images: string;
  moons: string;
  dissolves: string;
  said: string[];
  phases: number[];
  weights: number[];
  moon_distances: number[];
  dissolve_distances: number[];
  mass: number[][];
}

export interface Story {
  base: string;
  models: Model[];
  positions: Positions;
  classes: { name: string; colour: string }[];
  dissolveColour: string;
  name: string; // of its files
  title: string; // of its pictures
  texts: Texts;
}

export interface Data extends Story {
  at: number;
}

export interface Cell {
  run: string;
  title: string;
  colour: string;
  image: string | null;
  verdict: string;
  distances: string;
}

export interface Results {
  rows: { title: string; is_shown: boolean; cells: Cell[] }[];
  caption: string;
}
