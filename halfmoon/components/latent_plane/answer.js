// The server's answer about the pinned code. It is asked at once, by a route, without a run of the page.

import { element } from "../shared/dom.js";
import { watchLook } from "./look.js";

/** @import { View } from "./data.d.ts" */
/** @typedef {{ base: string, paths: Record<string, string>, lead: string, unanswered: string }} Data */

export default class Answer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.data = /** @type {Data | null} */ (null);
    this.view = /** @type {View | null} */ (null);
    this.address = /** @type {string | null} */ (null); // that has been asked
    this.abandon = /** @type {AbortController | null} */ (null);
    this.end = watchLook((view) => {
      this.view = view;
      this.ask();
    });
  }

  /** @param {Data} data */
  show(data) {
    this.data = data;
    this.ask();
  }

  async ask() {
    const { data, view } = this;
    const path = view && data?.paths[view.run];
    if (!path) return; // the planes have yet to say what they show
    const address = `${data.base}/${path}&${place(view)}`;
    if (address === this.address) return; // pins or layers have changed
    this.address = address;
    this.abandon?.abort();
    this.abandon = new AbortController();
    const { signal } = this.abandon;
    try {
      const isWhole = this.tell(await this.fetch(address, signal, data));
      if (!isWhole) this.tell(await this.fetch(`${address}&wait`, signal, data));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Unanswered)) throw error;
      this.address = null; // it may be asked again
      this.root.replaceChildren(element("p", "latent-plane-unanswered", error.message));
    }
  }

  /**
   * @param {string} address
   * @param {AbortSignal} signal
   * @param {Data} data
   */
  async fetch(address, signal, { lead, unanswered }) {
    const response = await fetch(address, { signal }).catch(() => null);
    if (!response) throw new Unanswered(unanswered);
    if (!response.ok) throw new Unanswered(`${lead} ${await response.text()}`);
    return response.json();
  }

  /**
   * Written where the one before stands. Whether there is no more to come.
   * @param {{ about: string, neighbours: string, is_whole: boolean }} answer
   */
  tell({ about, neighbours, is_whole: isWhole }) {
    this.root.innerHTML = about + neighbours;
    return isWhole;
  }
}

/** @param {View} view */
function place({ point, image, code }) {
  if (image) return `image=${image}`;
  return point === null ? `z=${code.join()}` : `point=${point}`;
}

class Unanswered extends Error {}
