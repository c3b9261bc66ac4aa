// Times and counts, formatted for people.

/**
 * 0:07, 12:40, 1:02:09
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * What remains, in steps that don't flicker: seconds below a minute, then tens of them.
 * @param {number} seconds
 */
export function roughly(seconds) {
  return duration(seconds < 60 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10);
}

/**
 * The sentences, one after the other; a full-width stop holds the white space after it.
 * @param {string[]} sentences
 */
export function paragraph(sentences) {
  return sentences.join(" ").replace(/([。：；！？]) /g, "$1");
}

/**
 * @param {number} value
 * @param {string} language
 */
export function count(value, language) {
  return Math.round(value).toLocaleString(language);
}

/**
 * Three digits, so that a figure that is still changing does not flicker.
 * @param {number} value
 * @param {string} language
 */
export function rough(value, language) {
  return value.toLocaleString(language, { maximumSignificantDigits: 3 });
}
