// Fields for the numbers that a training is steered by, with the limits that the server sets them too.

import { element } from "../shared/dom.js";

/** @type {Record<string, { min: number, max: number, step: number | "any" }>} */
const LIMITS = {
  beta: { min: 0, max: 1000, step: "any" },
  learning_rate: { min: 1e-6, max: 1e-2, step: "any" },
  seconds: { min: 1, max: 7200, step: "any" },
  seed: { min: 0, max: 2 ** 31 - 1, step: 1 },
};

/**
 * Where there is a value to begin with, an empty field can't be used.
 * @param {string} name
 * @param {number | null} value
 */
export function numberField(name, value) {
  const field = element("input");
  const { min, max, step } = LIMITS[name];
  Object.assign(field, { type: "number", min, max, step, required: value !== null, value: value ?? "" });
  return field;
}

/**
 * @param {string} name
 * @param {HTMLElement} field
 */
export function labelled(name, field) {
  return element("label", "", element("span", "", name), field);
}
