// A button that plays a way forward and back, until it is pressed again or something else is done.

import { button } from "./dom.js";

/**
 * @typedef {object} Playing
 * @property {number} oneWay milliseconds
 * @property {() => number} share where the way begins, in [0, 1]
 * @property {(share: number) => void} turn goes to another place on the way
 * @property {() => void} halted it rests
 */

export class Player {
  /**
   * @param {HTMLElement} root it ends when this leaves the page
   * @param {Playing} playing
   */
  constructor(root, playing) {
    this.root = root;
    this.playing = playing;
    this.isPlaying = false;
    this.names = { play: "", halt: "" };
    this.button = button("hm-play", "", () => this.toggle());
  }

  /**
   * @param {string} play
   * @param {string} halt
   */
  name(play, halt) {
    this.names = { play, halt };
    this.label();
  }

  toggle() {
    if (this.isPlaying) this.halt();
    else this.play();
  }

  play() {
    const { oneWay, share, turn } = this.playing;
    this.isPlaying = true;
    this.label();
    const begun = performance.now() - share() * oneWay;
    const tick = (/** @type {number} */ now) => {
      if (!this.isPlaying || !this.root.isConnected) return;
      const way = (Math.max(0, now - begun) / oneWay) % 2;
      turn(way < 1 ? way : 2 - way);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  halt() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.label();
    this.playing.halted();
  }

  label() {
    this.button.textContent = this.isPlaying ? this.names.halt : this.names.play;
    this.button.classList.toggle("playing", this.isPlaying);
  }
}
