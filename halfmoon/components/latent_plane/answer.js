// What the server knows of the code that is looked at. It is asked at once, by a route, without a run of the page.

import { element } from "../shared/dom.js";
import { watchLook } from "./look.js";

// Called by every run of the page in which something has changed.
export function show(root, data) {
  root.answer ??= new Answer(root);
  root.answer.show(data);
}

// Called when the page is left, and before it is shown anew.
export function leave(root) {
  setTimeout(() => root.isConnected || root.answer?.end(), 1000);
}

class Answer {
  constructor(root) {
    this.root = root;
    this.end = watchLook((view) => ((this.view = view), this.ask()));
  }

  show(data) {
    this.data = data;
    this.ask();
  }

  async ask() {
    const { run, point, code } = this.view ?? {};
    const path = this.data?.paths[run];
    if (!path) return; // the planes have yet to say what they show
    const address = `${this.data.base}/${path}&${point === null ? `z=${code.join()}` : `point=${point}`}`;
    if (address === this.address) return; // pins or layers have changed
    this.address = address;
    this.abandon?.abort();
    const { signal } = (this.abandon = new AbortController());
    try {
      const isWhole = this.tell(await this.fetch(address, signal));
      if (!isWhole) this.tell(await this.fetch(`${address}&wait`, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Unanswered)) throw error;
      this.address = null; // it may be asked again
      this.root.replaceChildren(element("p", "latent-plane-unanswered", error.message));
    }
  }

  async fetch(address, signal) {
    const response = await fetch(address, { signal }).catch(() => null);
    if (!response) throw new Unanswered(this.data.unanswered);
    if (!response.ok) throw new Unanswered(`${this.data.lead} ${await response.text()}`);
    return response.json();
  }

  // Written where the one before stands. Whether there is no more to come.
  tell({ about, neighbours, is_whole: isWhole }) {
    this.root.innerHTML = about + neighbours;
    return isWhole;
  }
}

class Unanswered extends Error {}
