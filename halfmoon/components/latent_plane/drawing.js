// One's own digit: its code and its posterior on every plane, while one draws.

import { button } from "../shared/dom.js";
import { Pad } from "../shared/pad.js";

export class Drawing {
  constructor(explorer, { side, box }) {
    this.explorer = explorer;
    const { texts } = explorer.data;
    this.pad = new Pad({
      side,
      box,
      texts: { title: texts.pad_title, clear: texts.pad_clear, hint: texts.pad_hint },
      onDrawing: (pixels) => this.draw(pixels),
    });
    this.pad.element.hidden = true;
    this.button = button("latent-plane-draw", texts.draw, () => this.toggle());
    this.button.setAttribute("aria-expanded", "false");
  }

  toggle() {
    const { element } = this.pad;
    element.hidden = !element.hidden;
    this.button.setAttribute("aria-expanded", String(!element.hidden));
    if (element.hidden) this.pad.clear();
    else element.scrollIntoView({ block: "nearest" });
  }

  // The server is asked one question at a time, always of the latest pixels.
  async draw(pixels) {
    this.latest = pixels;
    if (this.asking) return;
    this.asking = true;
    while (this.latest !== undefined) {
      const pixels = this.latest;
      this.latest = undefined;
      await Promise.all(this.explorer.planes.map((plane, at) => this.show(plane, at, pixels)));
    }
    this.asking = false;
  }

  async show(plane, at, pixels) {
    const { explorer } = this;
    if (!pixels) return plane.overlay.show({ drawn: null }), explorer.showDrawn(at, null);
    try {
      const response = await fetch(`${explorer.data.base}/${plane.spec.encode}`, { method: "POST", body: pixels });
      if (!response.ok) throw new Error(await response.text());
      const { mu, log_var: logVar } = await response.json();
      const place = plane.space.place(mu);
      const covariance = logVar && plane.space.covariance(logVar.map(Math.exp));
      const ellipse = covariance && { kind: "ellipse", place, covariance, className: "drawn" };
      plane.overlay.show({ drawn: [ellipse, { kind: "drawn", place }].filter(Boolean) });
      explorer.showDrawn(at, mu);
    } catch (error) {
      console.error(error);
      explorer.live.textContent = explorer.data.texts.draw_failed;
    }
  }
}
