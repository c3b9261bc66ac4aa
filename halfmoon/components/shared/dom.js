// Making elements, and numbers as people write them.

export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function button(className, label, pressed) {
  const made = element("button", className, label);
  made.type = "button";
  made.onclick = pressed;
  return made;
}

// Five digits: finer than a pixel, and what is stated is what is decoded.
export function rounded(values) {
  return Array.from(values, (value) => Number(value.toPrecision(5)) + 0);
}

export function number(value, digits = 5) {
  const plain = Number(value.toPrecision(digits)).toFixed(12);
  return plain.replace(/\.?0+$/, "").replace(/^-0$/, "0").replace("-", "−");
}

// (0.512, −1.2), or a number alone; no more than three numbers of a long one.
export function codeText(code, digits) {
  const numbers = Array.from(code.slice(0, 3), (value) => number(value, digits));
  return code.length === 1 ? numbers[0] : `(${numbers.join(", ")}${code.length > 3 ? ", …" : ""})`;
}

// A text with its {blanks} filled in.
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Calls `done` when the next frame has been laid out and painted.
export function afterFrame(done) {
  requestAnimationFrame(() => setTimeout(done));
}
