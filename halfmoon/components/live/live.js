// The live component: trainings on a page, which is told only of the user's requests.

import { Trainings } from "./trainings.js";

/** @import { Data, Request } from "./data.d.ts" */

export default class Live {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.trainings = /** @type {Trainings | null} */ (null);
    this.description = ""; // of what is shown
    this.turn = 0;
    this.ask = (/** @type {Request} */ _request) => {};
  }

  /**
   * @param {Data} data
   * @param {(request: Request) => void} ask
   */
  show({ turn, ...data }, ask) {
    this.ask = ask;
    const isTold = (/** @type {string} */ key) => key === "steps" || key === "is_over"; // by the routes
    const description = JSON.stringify(data, (key, value) => (isTold(key) ? null : value));
    if (description !== this.description || !this.trainings) {
      this.end();
      this.description = description;
      this.trainings = new Trainings(this.root, data, (request) => this.ask(request));
    } else if (turn !== this.turn) {
      for (const { feed } of this.trainings.runs) feed.wake();
    }
    this.turn = turn;
  }

  end() {
    this.trainings?.remove();
    this.trainings = null;
    this.root.replaceChildren();
  }
}
