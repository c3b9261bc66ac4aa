// What is drawn over the points, in pixels of the plot: the cursor, the pins, the ellipse of a posterior. It is an SVG
// of its own, for a change of Plotly's shapes would take longer than a frame.

const NAMESPACE = "http://www.w3.org/2000/svg";

export class Overlay {
  // `area()` gives the drawing area that the marks are in, null where there is none yet.
  constructor(area) {
    this.area = area;
    this.svg = document.createElementNS(NAMESPACE, "svg");
    this.svg.setAttribute("class", "latent-plane-overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.marks = {};
  }

  // Marks by name, null for one that is not to be seen: {kind, place, covariance, label}.
  show(marks) {
    Object.assign(this.marks, marks);
    this.draw();
  }

  draw() {
    const area = this.area();
    if (!area) return;
    const shapes = Object.values(this.marks).flat().filter(Boolean);
    this.svg.innerHTML =
      `<svg x="${area.left}" y="${area.top}" width="${area.width}" height="${area.height}">` +
      `${shapes.map((mark) => DRAW[mark.kind](mark, area)).join("")}</svg>`;
  }
}

const DRAW = {
  cursor: ring(5.5),
  pin: ring(9),
  drawn: ring(7),
  twin: ({ place }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) return line(x, area, "twin");
    return `<path class="twin" d="M${x} ${y - 7}l7 7l-7 7l-7 -7z"/>`;
  },
  kept: ({ place, label }, area) => {
    const [x, y] = area.toPixel(place);
    const at = place.length === 1 ? area.height - 12 : y;
    return `<g class="kept"><circle cx="${x}" cy="${at}" r="8"/><text x="${x}" y="${at}">${label}</text></g>`;
  },
  // One and two standard deviations, to scale.
  ellipse: ({ place, covariance: [xx, yy, xy], className = "" }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) {
      const half = Math.sqrt(xx) * area.perX;
      const band = (reach) => `<rect x="${x - reach}" y="0" width="${2 * reach}" height="${area.height}"/>`;
      return `<g class="ellipse ${className}">${band(half)}${band(2 * half)}</g>`;
    }
    const middle = (xx + yy) / 2;
    const apart = Math.hypot((xx - yy) / 2, xy);
    const angle = (-Math.atan2(2 * xy, xx - yy) / 2) * (180 / Math.PI); // down is up on the screen
    const radii = [Math.sqrt(middle + apart) * area.perX, Math.sqrt(Math.max(0, middle - apart)) * area.perY];
    const one = (times) => `<ellipse rx="${times * radii[0]}" ry="${times * radii[1]}"/>`;
    return `<g class="ellipse ${className}" transform="translate(${x} ${y}) rotate(${angle})">${one(1)}${one(2)}</g>`;
  },
};

// On a plane a ring with a dot, on a line an upright.
function ring(radius) {
  return ({ kind, place }, area) => {
    const [x, y] = area.toPixel(place);
    if (place.length === 1) return line(x, area, kind);
    const circle = (name, r) => `<circle class="${name}" cx="${x}" cy="${y}" r="${r}"/>`;
    return `<g class="${kind}">${circle("halo", radius)}${circle("ring", radius)}${circle("dot", 1.5)}</g>`;
  };
}

function line(x, area, kind) {
  const upright = (name) => `<line class="${name}" x1="${x}" x2="${x}" y1="0" y2="${area.height}"/>`;
  return `<g class="${kind}">${upright("halo")}${upright("ring")}</g>`;
}
