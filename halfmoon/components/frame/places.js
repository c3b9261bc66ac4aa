// What is shown, told from an address: the page, the pair of runs on it, and the rest of the query.

/** @typedef {Record<string, string[][]>} Shows the names of the runs of each pair that a page can show, by its path */

const PLAIN = /%(2C|3B|3A)/g; // , ; : are as good as they are, and can be read

/**
 * A page is told by its path, which ends with no slash.
 * @param {{ pathname: string }} address
 */
export function pageAt({ pathname }) {
  return pathname.replace(/\/+$/, "");
}

/**
 * The names of the runs in a query: none, one that stands for its pair, or two beside each other.
 * @param {URLSearchParams} query
 */
export function namesIn(query) {
  return ["run", "with"].flatMap((name) => query.get(name) ?? []);
}

/**
 * What a pair is known by, in whatever way it is named; the runs themselves on a page that shows no pairs.
 * @param {string[]} names
 * @param {string[][] | undefined} pairs those that the page can show, its usual one first
 */
export function keyOf(names, pairs) {
  if (!pairs) return names.join();
  const pair = names.length ? pairs.find((pair) => isOf(names, pair)) : pairs[0];
  return (pair ?? names).join();
}

/**
 * @param {string[]} names
 * @param {string[]} pair
 */
function isOf(names, pair) {
  return names.length === 1 ? pair.includes(names[0]) : names.join() === pair.join();
}

/**
 * Whether two addresses are one step of the history: the same page with the same pair.
 * @param {URL | Location} one
 * @param {URL | Location} other
 * @param {Shows} shows
 */
export function isOneStep(one, other, shows) {
  const [page, key] = [pageAt(one), (/** @type {URL | Location} */ { search }) => namesIn(new URLSearchParams(search))];
  return page === pageAt(other) && keyOf(key(one), shows[page]) === keyOf(key(other), shows[page]);
}

/**
 * An address as people can read it.
 * @param {URL} address
 */
export function readable(address) {
  return address.pathname + address.search.replace(PLAIN, decodeURIComponent) + address.hash;
}
