// Terms of the glossary in a text: `[code](#term-code)` is a link that the frame unfolds where it stands.

import { element } from "./dom.js";

const TERM = /\[([^\]]+)\]\((#term-[\w-]+)\)/;

/**
 * The text with its terms as links.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function withTerms(text) {
  // Split by an expression with two groups: plain, words, address, plain, words, address, ..., plain.
  const parts = text.split(TERM);
  return parts.map((part, at) => [part, termLink(part, parts[at + 1]), ""][at % 3]);
}

/**
 * @param {string} words
 * @param {string} address
 */
function termLink(words, address) {
  const link = element("a", "", words);
  link.href = address;
  return link;
}
