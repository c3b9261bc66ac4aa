// The lines of the curves, painted on a canvas over Plotly's axes: they change with every record, the axes seldom.

import { element } from "../shared/dom.js";

const FEW = 40; // points of a line that are marked as such
const DOT = 2.6; // pixels

export class Lines {
  constructor(plot) {
    this.plot = plot;
    this.canvas = element("canvas", "live-lines");
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d");
  }

  // `lines` are { panel, x, y, colour, width, opacity, hasDots }; panels count as Plotly's axes do, from 0.
  draw(lines) {
    const { canvas, context, plot } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(plot.clientWidth * ratio), Math.round(plot.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else context.clearRect(0, 0, width, height);
    canvas.lines = lines; // for whoever wants to know what is drawn
    for (const line of lines) {
      const area = this.area(line.panel);
      if (!area) continue;
      context.save();
      context.scale(ratio, ratio);
      context.beginPath();
      context.rect(area.left, area.top, area.width, area.height);
      context.clip();
      this.stroke(line, area);
      context.restore();
    }
  }

  stroke({ x, y, colour, width, opacity, hasDots }, { acrossOf, downOf }) {
    const { context } = this;
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: width, globalAlpha: opacity });
    context.lineJoin = "round";
    context.beginPath();
    for (let at = 0; at < x.length; at++) {
      if (Number.isFinite(y[at])) context.lineTo(acrossOf(x[at]), downOf(y[at]));
    }
    context.stroke();
    if (x.length > (hasDots ? FEW : 1)) return;
    context.beginPath();
    for (let at = 0; at < x.length; at++) {
      context.moveTo(acrossOf(x[at]), downOf(y[at]));
      context.arc(acrossOf(x[at]), downOf(y[at]), DOT, 0, 2 * Math.PI);
    }
    context.fill();
  }

  area(panel) {
    const name = panel ? panel + 1 : "";
    const { [`xaxis${name}`]: across, [`yaxis${name}`]: up } = this.plot._fullLayout ?? {};
    if (!across?._length) return null;
    const isLog = across.type === "log"; // whose range is of logarithms
    const [left, right] = across.range;
    const [bottom, top] = up.range;
    return {
      left: across._offset,
      top: up._offset,
      width: across._length,
      height: up._length,
      acrossOf: (x) => across._offset + (((isLog ? Math.log10(x) : x) - left) / (right - left)) * across._length,
      downOf: (y) => up._offset + ((top - y) / (top - bottom)) * up._length,
    };
  }
}
