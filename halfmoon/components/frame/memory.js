// What a tab remembers: how each page was left with each pair, and which pair is the present one.

import { keyOf, namesIn, pageAt } from "./places.js";

/** @import { Shows } from "./places.js" */
/**
 * `left` is the query with which each page was left, and with which with each pair; `names` are those of the present
 * pair. `lent` is the pair, by page, that a page shows only because it can't show the present one.
 * @typedef {{ left: Record<string, string>, names: string[], lent: Record<string, string> }} Known
 */

const KEY = "halfmoon-pages"; // in the tab's own store

/**
 * Notes how the page in the address bar is left.
 * @param {Shows} shows
 */
export function remember(shows) {
  const known = recall();
  const page = pageAt(location);
  const query = new URLSearchParams(location.search);
  known.left[page] = query.toString();
  if (page in shows) {
    const names = namesIn(query);
    const key = keyOf(names, shows[page]);
    known.left[`${page}?${key}`] = query.toString();
    if (known.lent[page] !== key) known.names = names;
  }
  keep(known);
}

/**
 * With which query a page is opened: as it was left with the present pair, or with that pair alone; where it can't show
 * that, as it was left at all. What is `carried` stays as it is from page to page.
 * @param {string} page
 * @param {Shows} shows
 * @param {string[]} carried
 */
export function queryOf(page, shows, carried) {
  const known = recall();
  const pairs = shows[page];
  const present = keyOf(known.names, pairs);
  const isShown = pairs !== undefined && areShown(known.names, pairs);
  let query = new URLSearchParams(known.left[isShown ? `${page}?${present}` : page] ?? "");
  if (pairs && !areShown(namesIn(query), pairs)) query = new URLSearchParams();
  if (isShown && !namesIn(query).length)
    for (const [at, name] of known.names.entries()) query.set(["run", "with"][at], name);
  delete known.lent[page];
  if (pairs && !isShown) known.lent[page] = keyOf(namesIn(query), pairs);
  keep(known);
  for (const name of carried) query.delete(name);
  const here = new URLSearchParams(location.search);
  for (const name of carried) for (const value of here.getAll(name)) query.append(name, value);
  return query.toString();
}

/**
 * @param {string[]} names
 * @param {string[][]} pairs
 */
function areShown(names, pairs) {
  return names.every((name) => pairs.some((pair) => pair.includes(name)));
}

/** @returns {Known} */
function recall() {
  return { left: {}, names: [], lent: {}, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
}

/** @param {Known} known */
function keep(known) {
  sessionStorage.setItem(KEY, JSON.stringify(known));
}
