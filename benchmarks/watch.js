// Stopwatches for a page under measurement, put into it from outside: the app itself has none. Times are milliseconds.

const PATIENCE = 120_000;
const READY = {
  planes: (count) => planes("[data-ready]").length === count,
  tools: (count) => planes("[data-layers]").length === count,
  floor: () => document.querySelector(".floor-target") && document.querySelector(".floor-answer"),
  empty: () => document.querySelector("[data-testid=stMarkdown] p")?.textContent.startsWith("Ready"),
  live: () => document.querySelector(".live-status")?.dataset.status === "training",
};
const SHOWN = {
  status: (wanted) => document.querySelector(".live-status").dataset.status === wanted,
  beta: (wanted) => live().curves.graph.plot.layout?.shapes?.some(({ label }) => label?.text?.endsWith(`= ${wanted}`)),
};

window.watch = {
  shift: 0, // of all that moved by itself since navigation began

  // When the page is ready and all planes answer a hover: `since` navigation began, and the time of day.
  ready(kind, count) {
    const when = () => ({ since: performance.now(), at: performance.timeOrigin + performance.now() });
    return new Promise((resolve, reject) => {
      const answer = () => (planes().every(answersHover) ? resolve(when()) : requestAnimationFrame(answer));
      const look = () => READY[kind](count) && (observer.disconnect(), answer());
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributeFilter: ["data-ready", "data-layers"] });
      setTimeout(() => reject(new Error(`not ready: ${kind}`)), PATIENCE);
      look();
    });
  },

  // From now on every hover that draws adds its milliseconds, from entry of the handler until the images are drawn.
  startHovers() {
    const shown = board();
    let drawn = 0;
    this.hovers = [];
    after(shown, "hover", () => drawn++);
    for (const { hand } of shown.planes) {
      const hover = hand.hover;
      hand.hover = (event) => {
        const before = drawn;
        const begun = performance.now();
        hover.call(hand, event);
        if (drawn > before) this.hovers.push(performance.now() - begun);
      };
    }
  },

  // The lengths of frames between the two.
  startFrames() {
    this.lengths = [];
    let last;
    const frame = (now) => {
      if (last !== undefined) this.lengths.push(now - last);
      last = now;
      this.request = requestAnimationFrame(frame);
    };
    this.request = requestAnimationFrame(frame);
  },
  stopFrames() {
    cancelAnimationFrame(this.request);
    return this.lengths;
  },

  // When the next frame is through.
  frame() {
    return new Promise(afterFrame);
  },

  // From now on clicks are watched: `image` is when the frame with the pinned code's images was through, `answer` when
  // every element of `selectors` had been replaced; both since the event's own time stamp.
  startClicks(selectors) {
    const shown = board();
    const found = () => selectors.map((selector) => document.querySelector(selector));
    const since = () => performance.now() - this.click.begun;
    const finish = (part) => {
      this.click[part] = since();
      if ("image" in this.click && "answer" in this.click) this.click.resolve(this.click);
    };
    const press = (event) => {
      this.click = { begun: event.timeStamp, before: found() };
      this.clicked = new Promise((resolve, reject) => {
        this.click.resolve = resolve;
        setTimeout(() => reject(new Error("no answer")), PATIENCE / 4);
      });
      if (!shown) this.click.image = null;
    };
    window.addEventListener("pointerup", press, true); // before the plane's own
    if (shown) {
      after(shown, "refresh", () => {
        if (!this.click || "image" in this.click || this.click.isDrawn || shown.hovered) return;
        this.click.isDrawn = true;
        afterFrame(() => finish("image"));
      });
    }
    new MutationObserver(() => {
      if (!this.click || "answer" in this.click) return;
      if (found().every((element, at) => element && element !== this.click.before[at])) finish("answer");
    }).observe(document.body, { subtree: true, childList: true });
  },
  async lastClick() {
    const { image, answer } = await this.clicked;
    return { image, answer };
  },

  // The next event of this type asks a live run for something: `asked` is the event's time of day, `shown` how long
  // after it the frame was through in which the page says `wanted`.
  startAsking(type, what, wanted) {
    this.answered = new Promise((resolve, reject) => {
      const ask = ({ timeStamp }) => {
        const asked = Date.now() - (performance.now() - timeStamp);
        const look = () => (SHOWN[what](wanted) ? afterFrame(finish) : requestAnimationFrame(look));
        const finish = () => resolve({ asked, shown: performance.now() - timeStamp });
        look();
      };
      document.addEventListener(type, ask, { capture: true, once: true });
      setTimeout(() => reject(new Error(`not shown: ${what} ${wanted}`)), PATIENCE / 4);
    });
  },
  lastAnswer() {
    return this.answered;
  },

  // From now on each answer to the live page's first run adds to `updates` the main thread's milliseconds since the
  // last: adding records, drawing the head, the pictures and the curves.
  startUpdates() {
    const { curves, scrubber, runs } = live();
    const [run] = runs;
    let spent = 0;
    let isBusy = false;
    const time = (object, method) => {
      const original = object[method];
      object[method] = (...values) => {
        if (isBusy) return original.apply(object, values); // within another
        isBusy = true;
        const begun = performance.now();
        const answer = original.apply(object, values);
        spent += performance.now() - begun;
        isBusy = false;
        return answer;
      };
    };
    time(run.feed.series, "add");
    time(run, "refresh");
    time(scrubber, "update");
    time(curves, "show");
    time(curves, "draw");
    time(window.Plotly, "react");
    after(run.feed, "changed", () => {
      this.updates.push(spent);
      spent = 0;
    });
    this.updates = [];
  },
};

new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) watch.shift += value;
}).observe({ type: "layout-shift", buffered: true });

function planes(state = "") {
  return [...document.querySelectorAll(`.latent-plane-plane${state}`)];
}

// The planes with their pictures, where there are any.
function board() {
  return document.querySelector(".latent-plane")?.component.explorer.board;
}

function live() {
  return document.querySelector(".live").component.trainings;
}

function answersHover(plane) {
  const pictures = [...document.querySelectorAll(".latent-plane-picture")];
  const { left, top, width, height } = plane.querySelector(".latent-plane-dots").getBoundingClientRect();
  const place = { clientX: left + 0.4 * width, clientY: top + 0.3 * height, bubbles: true };
  plane.querySelector(".latent-plane-board").dispatchEvent(new PointerEvent("pointermove", place));
  const isHovered = board().hovered?.plane.element === plane;
  return isHovered && pictures.every((picture) => !picture.querySelector("canvas.waiting"));
}

// Calls `done` after each call of a method of this one object.
function after(object, method, done) {
  const original = object[method];
  object[method] = (...values) => {
    original.apply(object, values);
    done();
  };
}

// Calls `done` when the next frame has been laid out and painted.
function afterFrame(done) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  requestAnimationFrame(() => port2.postMessage(null));
}
