// What the server gives: the twins of the dataclasses in halfmoon/components/latent_plane/__init__.py.

import type { Texts } from "../shared/dom.js";

export interface PointClass {
  name: string;
  colour: string;
}

export interface PointsSpec {
  path: string;
  count: number;
  total: number;
  latent_dim: number;
  has_posterior: boolean;
}

export interface ImageSource {
  shape: number[];
  decoder: string | null;
  atlas: string | null;
}

export interface Slice {
  centre: number[];
  directions: number[][];
}

export interface SpaceSpec {
  mean: number[] | null;
  whitening: number[][] | null;
  unwhitening: number[][] | null;
  slice: Slice;
}

export interface Gap {
  name: string;
  title: string;
  unit: string;
  about: string;
  worst: "low" | "high";
  middle: number | null;
  is_logarithmic: boolean;
}

export interface PlaneSpec {
  run: string;
  kind: string;
  title: string;
  colour: string;
  subtitle: string;
  label: string;
  slug: string; // in the names of files
  heading: string[]; // of a picture of it, line by line
  python: string;
  encode: string;
  gap_map: string;
  points: PointsSpec;
  image: ImageSource;
  space: SpaceSpec;
  sliders: Slider[];
}

// What of a plane is in view: the bulk of its codes, all of them, the prior, or ranges from end to end.
export type Zoom = null | "all" | "prior" | number[];

export interface Slider {
  label: string;
  direction: number[];
  origin: number;
  reach: number;
}

// A saved place: standard coordinates, or an image of one's own, packed.
export type Pin = number[] | string;

// What is looked at: a code of a run; of a test image its position, of an image of one's own that, packed.
export interface Place {
  run: string;
  code: number[];
  point: number | null;
  image: string;
}

export interface View extends Place {
  pins: Pin[];
  layers: string[];
  zooms: Zoom[]; // a plane each, or none
  hide: number[]; // labels, in ascending order
  lasso: number[]; // the number of a plane and the corners of an outline on it, or none
}

// What is constant while one explores.
export interface Scene {
  base: string;
  data: string; // in the names of files
  planes: PlaneSpec[];
  classes: PointClass[];
  layers: string[];
  gaps: Gap[];
  max_pins: number;
  near: number;
  max_tiles: number;
  max_tile_bytes: number;
  drawing: { side: number; box: number } | null;
  walk: string;
  is_answered: boolean;
  texts: Texts;
}
