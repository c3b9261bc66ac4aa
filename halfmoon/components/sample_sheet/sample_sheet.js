// Sheets of tiles and planes of dots; whatever is pointed at is ringed in all of them. Called anew with every change.

const SVG = "http://www.w3.org/2000/svg";
const DOT = 1.2; // radii, in hundredths of the plane
const CLOUD = 0.65;
const RING = 3.2;

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".sample-sheets");
  const stamp = JSON.stringify({ ...data, tile: null });
  if (root.stamp !== stamp) {
    root.stamp = stamp;
    root.replaceChildren(...data.panels.map((panel) => figureOf(panel, data)));
  }
  root.at = data.tile;
  const point = (tile) => {
    root.at = tile ?? data.tile;
    ring(root, data, "here", root.at);
    say(root, data, root.at);
  };
  const pin = (tile) => setTriggerValue("tile", { at: tile === data.tile ? null : tile });

  root.onpointerover = ({ target }) => point(tileOf(target));
  root.onpointerleave = () => point(null);
  root.onclick = ({ target }) => tileOf(target) !== null && pin(tileOf(target));
  root.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -data.side, ArrowDown: data.side }[event.key];
    if (step) point(Math.min(Math.max((root.at ?? 0) + step, 0), data.side ** 2 - 1));
    else if (event.key === "Enter" && root.at !== null) pin(root.at);
    else return;
    event.preventDefault();
  };
  ring(root, data, "pinned", data.tile);
  point(null);
}

function figureOf(panel, { side, colours }) {
  const figure = document.createElement("figure");
  const title = document.createElement("h3");
  title.textContent = panel.title;
  const caption = document.createElement("figcaption");
  caption.append(document.createElement("i"), document.createElement("output"));
  caption.firstChild.style.backgroundImage = `url(${panel.sheet})`;
  caption.firstChild.style.backgroundSize = `${100 * side}%`;
  figure.append(title, sheetOf(panel, side), planeOf(panel, colours), caption);
  return figure;
}

function sheetOf({ sheet, captions, certainty, labels }, side) {
  const at = (tile) => ({ x: tile % side, y: Math.floor(tile / side) });
  const image = make("image", { href: sheet, width: side, height: side, preserveAspectRatio: "none" });
  const bars = (certainty ?? []).map((sure, tile) => {
    const { x, y } = at(tile);
    return make("rect", { class: "sure", x: x + 0.05, y: y + 0.92, width: 0.9 * sure, height: 0.05 });
  });
  const tiles = captions.map((_, tile) => make("rect", { "data-tile": tile, ...at(tile), width: 1, height: 1 }));
  const rings = ["pinned", "here"].map((name) => make("rect", { class: name, width: 1, height: 1 }));
  return picture("sheet", side, labels.sheet, [image, ...bars, ...tiles, ...rings]);
}

function planeOf({ cloud, classes, dots, labels }, colours) {
  const others = cloud.map(([cx, cy], at) => make("circle", { cx, cy, r: CLOUD, fill: colours[classes[at]] }));
  const tiles = dots.map(([cx, cy], tile) => make("circle", { "data-tile": tile, cx, cy, r: DOT }));
  const rings = ["pinned", "here"].map((name) => make("circle", { class: name, r: RING }));
  return picture("plane", 100, labels.plane, [...others, ...tiles, ...rings]);
}

function picture(name, size, label, children) {
  const viewBox = `0 0 ${size} ${size}`;
  return make("svg", { class: name, viewBox, tabindex: 0, role: "img", "aria-label": label }, children);
}

function make(name, attributes, children = []) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function ring(root, { panels, side }, name, tile) {
  for (const [at, figure] of [...root.children].entries()) {
    for (const mark of figure.querySelectorAll(`.${name}`)) {
      mark.style.display = tile === null ? "none" : "";
      if (tile === null) continue;
      const isTile = mark.tagName === "rect";
      const [x, y] = isTile ? [tile % side, Math.floor(tile / side)] : panels[at].dots[tile];
      mark.setAttribute(isTile ? "x" : "cx", x);
      mark.setAttribute(isTile ? "y" : "cy", y);
    }
  }
}

function say(root, { panels, side, hint }, tile) {
  for (const [at, figure] of [...root.children].entries()) {
    const [large, words] = figure.querySelector("figcaption").children;
    large.hidden = tile === null;
    words.textContent = tile === null ? hint : panels[at].captions[tile];
    if (tile === null) continue;
    const [column, row] = [tile % side, Math.floor(tile / side)];
    large.style.backgroundPosition = `${(100 * column) / (side - 1)}% ${(100 * row) / (side - 1)}%`;
  }
}

function tileOf(target) {
  const found = target.closest("[data-tile]");
  return found ? Number(found.dataset.tile) : null;
}
