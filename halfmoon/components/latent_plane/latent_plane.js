// The planes on a page of the server. A change of the view by the user is there at once; the server is told of it, so
// that the URL holds it too.

import { Explorer } from "./explorer.js";

/** @import { Scene, View } from "./data.d.ts" */

const ANSWERED = 100; // milliseconds: by then a click is drawn and answered

let latest = /** @type {Explorer | null} */ (null); // on whatever page: the dots of the next one begin where its were

export default class LatentPlane {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.explorer = /** @type {Explorer | null} */ (null);
    this.description = ""; // of what is explored
    this.told = /** @type {string[]} */ ([]); // views that the server knows of and has not answered yet
    this.report = (/** @type {View} */ _view) => {};
  }

  /**
   * @param {Scene & { view: View }} data
   * @param {(view: View) => void} report
   */
  show(data, report) {
    this.report = report;
    const { view, ...scene } = data;
    const description = JSON.stringify(scene);
    if (description !== this.description || !this.explorer) {
      const before = latest?.board.populations ?? [];
      this.end();
      this.description = description;
      this.told = [];
      this.explorer = new Explorer(this.root, scene, view, before, (changed) => this.tell(changed));
      latest = this.explorer;
    } else {
      const answered = this.told.indexOf(JSON.stringify(view));
      this.told.splice(0, answered + 1);
      const isNews = answered === -1 && JSON.stringify(view) !== JSON.stringify(this.explorer.view);
      if (isNews) this.explorer.adopt(view); // the URL says so; else it is shown already, or was overtaken
    }
    this.root.ariaBusy = String(this.told.length > 0);
  }

  /** @param {View} view */
  tell(view) {
    this.told.push(JSON.stringify(view));
    this.root.ariaBusy = "true";
    setTimeout(() => this.report(view), ANSWERED); // a run of the page would hold the answer up
  }

  end() {
    this.explorer?.remove();
    this.explorer = null;
    this.root.replaceChildren();
  }
}
