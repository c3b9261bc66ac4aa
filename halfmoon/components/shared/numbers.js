// Numbers as text: as many digits as are known, a true minus, no exponent. The twin of halfmoon/parts/numbers.py.

export const NEAR_ZERO = "≈\u00a00";
const LEAST = 1e-5; // what is smaller is next to nothing, where no interval says otherwise
const EXACT = 15; // digits of a number as a computer holds it

/**
 * A measured number with so many significant digits, the last zeros too.
 * @param {number} value
 */
export function significant(value, digits = 3) {
  if (value === 0) return "0";
  return Math.abs(value) < LEAST ? NEAR_ZERO : written(Number(value.toPrecision(digits)), decimalsOf(value, digits));
}

/**
 * A number that somebody has set, or that is to be set again: without zeros at its end.
 * @param {number} value
 */
export function plain(value, digits = 6) {
  const text = written(Number(value.toPrecision(digits)), decimalsOf(value, EXACT));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * A number with so many decimals; it has no sign if they are all 0.
 * @param {number} value
 */
export function fixed(value, decimals = 2) {
  return written(value, decimals);
}

/**
 * (0.51, −1.20), or a number alone; no more than three numbers of a long one. All have the decimals that the largest has
 * with so many digits; whole numbers have none.
 * @param {number[]} code
 */
export function codeText(code, digits = 3) {
  const largest = Math.max(...code.map(Math.abs));
  const decimals = code.every(Number.isInteger) ? 0 : decimalsOf(largest, digits);
  const numbers = Array.from(code.slice(0, 3), (value) => fixed(value, decimals));
  return code.length === 1 ? numbers[0] : `(${numbers.join(", ")}${code.length > 3 ? ", …" : ""})`;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function decimalsOf(value, digits) {
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  return Math.min(100, Math.max(0, digits - 1 - exponent));
}

/**
 * @param {number} value
 * @param {number} decimals
 */
function written(value, decimals) {
  return value.toFixed(decimals).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}
