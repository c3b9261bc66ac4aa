// What the server gives: the twins of the dataclasses in halfmoon/components/live/__init__.py, and of what the routes in
// halfmoon/train/routes.py answer.

import type { Texts } from "../shared/dom.js";
import type { PointClass } from "../latent_plane/data.d.ts";

// Settings of a training that can be changed while it runs.
export type Setting = "beta" | "learning_rate";

export interface RunSpec {
  name: string;
  title: string;
  kind_title: string;
  colour: string;
  has_posterior: boolean;
  terms: Record<string, string>;
  latent_dim: number;
  steps: number;
  beta: number;
  learning_rate: number;
  extensions: [step: number, learning_rate: number][];
  seed: number;
  classes: PointClass[];
  may_control: boolean;
  is_over: boolean;
}

export interface Data {
  base: string;
  runs: RunSpec[];
  language: string;
  texts: Texts;
  turn: number;
}

// What is asked of the page, or told to it, and what a branch is to have other than its source.
export type Changes = Record<string, number>;
export type Request = { branch: { run: string; step: number; changes: Changes } } | { resume: string[] } | { ended: true };

// What is asked of a run in training: control.json.
export interface Control {
  pause?: boolean | null;
  stop?: boolean | null;
  advance?: number | null;
  steps_a_second?: number | null;
  beta?: number | null;
  learning_rate?: number | null;
}

export interface RunRecord {
  step: number;
  seconds?: number;
  split?: string;
  images_per_second?: number;
  beta?: number;
  event?: string;
  control?: Control;
  message?: string;
  [term: string]: any;
}

export type Status =
  | "training"
  | "paused"
  | "queued"
  | "finished"
  | "stopped"
  | "interrupted"
  | "diverged"
  | "failed"
  | "gone";

export interface WaitsFor {
  name: string;
  is_paused: boolean;
}

export interface RecordsAnswer {
  offset: number;
  reset: boolean;
  status: Status;
  steps: number | null;
  place: number | null;
  waits_for: WaitsFor | null;
  minutes: number | null;
  message: string | null;
  control: Control | null;
  is_resumable: boolean;
  records: RunRecord[];
}
