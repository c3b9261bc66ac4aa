// Where the drawing area of a plot is, in pixels of the plot, and its scale.

export class Area {
  // A box {left, top, width, height}, and the part of the plane in view, {x: [low, high], y: [low, high]}.
  constructor(box, view) {
    Object.assign(this, box, { view });
    this.perX = box.width / (view.x[1] - view.x[0]);
    this.perY = box.height / (view.y[1] - view.y[0]);
  }

  // A place of a line, which has one coordinate, is halfway up.
  toPixel([x, y]) {
    const { view, perX, perY, height } = this;
    return [(x - view.x[0]) * perX, y === undefined ? height / 2 : (view.y[1] - y) * perY];
  }

  toPlace([across, down]) {
    return [this.view.x[0] + across / this.perX, this.view.y[1] - down / this.perY];
  }
}

// As Plotly has drawn it, null where it has not; the ranges are read anew, for they change while one drags.
export function drawnArea(plot) {
  const { xaxis, yaxis } = plot._fullLayout ?? {};
  if (!xaxis?._length) return null;
  const box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
  return new Area(box, { x: [...xaxis.range], y: [...yaxis.range] });
}

// As Plotly is going to draw a layout: with axes of equal scale the longer side shows more than its range.
export function expectedArea(plot, { margin, xaxis, yaxis }) {
  const width = plot.clientWidth - margin.l - margin.r;
  const height = plot.clientHeight - margin.t - margin.b;
  if (width <= 0 || height <= 0) return null;
  const box = { left: margin.l, top: margin.t, width, height };
  if (!yaxis.scaleanchor) return new Area(box, { x: xaxis.range, y: yaxis.range });
  const { perX, perY } = new Area(box, { x: xaxis.range, y: yaxis.range });
  const scale = Math.min(perX, perY);
  const [x, y] = [about(middle(xaxis.range), width / scale), about(middle(yaxis.range), height / scale)];
  return new Area(box, { x, y });
}

// The range of this width around a centre.
export function about(centre, span) {
  return [centre - span / 2, centre + span / 2];
}

function middle([low, high]) {
  return (low + high) / 2;
}
