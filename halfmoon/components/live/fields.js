// Fields for the numbers that a training is steered by, with the limits that the server sets them too.

import { element } from "../shared/dom.js";

const LIMITS = {
  beta: { min: 0, max: 1000, step: "any" },
  learning_rate: { min: 1e-6, max: 1e-2, step: "any" },
  seconds: { min: 1, max: 7200, step: "any" },
  seed: { min: 0, max: 2 ** 31 - 1, step: 1 },
};

// Where there is a value to begin with, an empty field can't be used.
export function numberField(name, value) {
  const required = (value ?? null) !== null;
  return Object.assign(element("input"), { type: "number", ...LIMITS[name], required, value: value ?? "" });
}

export function labelled(name, field) {
  return element("label", "", element("span", "", name), field);
}
