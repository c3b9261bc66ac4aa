// Films in step: of each a strip, one frame of it large; a slider, and an animation to and fro.

const ONE_WAY = 3000; // milliseconds

// Called when the films come, and again whenever they change.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".film");
  root.player ??= new Player(root);
  root.player.show(data);
}

class Player {
  constructor(root) {
    this.root = root;
    this.button = element("button", "film-play", { type: "button" });
    this.slider = element("input", "film-slider", { type: "range", min: 0, max: 0 });
    this.words = element("span", "film-words");
    this.list = element("div", "film-list");
    const controls = element("div", "film-controls");
    controls.append(this.button, this.slider, this.words);
    root.append(controls, this.list);
    this.button.addEventListener("click", () => (this.isPlaying ? this.halt() : this.play()));
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
  }

  show({ films, every, texts }) {
    Object.assign(this, { every, texts });
    this.last = films[0].frames.length - 1;
    this.slider.max = this.last;
    this.slider.setAttribute("aria-label", texts.slider);
    this.rows = films.map((film) => this.rowOf(film));
    this.list.replaceChildren(...this.rows.map((row) => row.section));
    this.nameButton();
    this.turnTo(Math.min(this.at ?? Math.round(this.last / 2), this.last)); // what lies between is the point
  }

  rowOf(film) {
    const section = element("section", "film-row", { ariaLabel: film.title });
    const words = element("div", "film-title");
    words.append(
      element("h3", "", { textContent: film.title }),
      element("p", "", { textContent: film.note }),
      element("p", "film-figures", { textContent: film.figures }),
    );
    const large = element("img", "film-large");
    const strip = element("div", "film-strip", { ariaHidden: "true" }); // the slider shows the same to all
    for (let at = 0; at <= this.last; at += this.every) {
      const frame = element("img", "", { src: film.frames[at], alt: "" });
      frame.addEventListener("click", () => this.goTo(at));
      strip.append(frame);
    }
    section.append(words, large, strip);
    return { film, section, large, strip };
  }

  // What the user does stops the animation.
  goTo(at) {
    this.halt();
    this.turnTo(at);
  }

  turnTo(at) {
    this.at = at;
    this.slider.value = at;
    const words = this.texts.frame.replace("{number}", at + 1).replace("{count}", this.last + 1);
    this.words.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    for (const { film, large, strip } of this.rows) {
      large.src = film.frames[at];
      large.alt = `${film.title}, ${words}`;
      [...strip.children].forEach((frame, number) => {
        frame.classList.toggle("here", number === Math.round(at / this.every));
      });
    }
  }

  play() {
    this.isPlaying = true;
    this.nameButton();
    const begun = performance.now() - (this.at / this.last) * ONE_WAY;
    const tick = (now) => {
      if (!this.isPlaying || !this.root.isConnected) return;
      const way = (Math.max(0, now - begun) / ONE_WAY) % 2;
      const at = Math.round((way < 1 ? way : 2 - way) * this.last);
      if (at !== this.at) this.turnTo(at);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  halt() {
    this.isPlaying = false;
    this.nameButton();
  }

  nameButton() {
    this.button.textContent = this.isPlaying ? this.texts.halt : this.texts.play;
  }
}

function element(tag, name, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (name) made.className = name;
  return made;
}
