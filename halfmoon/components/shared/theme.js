// The app's theme, read from the custom properties that Streamlit sets, and the parts of a figure made from it.

import { element } from "./dom.js";

/** @import { Layout } from "./plotly-api.d.ts" */
/** @typedef {ReturnType<typeof readTheme>} Theme */

/** @param {Element} root */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const value = (/** @type {string} */ name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: value("text-color"),
    background: value("background-color"),
    ground: value("secondary-background-color"),
    line: value("border-color"),
    font: value("font"),
    size: 0.75 * Number.parseFloat(style.fontSize), // pixels, of a plot's numbers
    gap: style.getPropertyValue("--gap").trim(),
    gapEnd: style.getPropertyValue("--gap-end").trim(),
    surplus: style.getPropertyValue("--surplus").trim(),
    surplusEnd: style.getPropertyValue("--surplus-end").trim(),
  };
}

/**
 * Calls `changed` when the theme is switched, until the function it gives is called. The properties themselves can't be
 * watched; a transition of a colour that is made from one can.
 * @param {Element} root
 * @param {() => void} changed
 */
export function onThemeChange(root, changed) {
  const probe = element("span", "latent-plane-probe");
  root.append(probe);
  probe.addEventListener("transitionend", changed);
  return () => probe.remove();
}

/**
 * @param {Theme} theme
 * @returns {Layout}
 */
export function frame(theme) {
  return {
    hovermode: false, // what is under the pointer is the plane's own affair, sixty times a second
    dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger scrolls the page
    showlegend: false,
    // Room for the numbers: Plotly would make it, and draw all anew.
    margin: { l: Math.round(2.85 * theme.size), r: 8, t: 8, b: Math.round(2.35 * theme.size) },
    paper_bgcolor: "rgba(0, 0, 0, 0)",
    plot_bgcolor: theme.ground,
    font: { family: theme.font, color: theme.text, size: theme.size },
  };
}

/** @param {Theme} theme */
export function axis(theme) {
  return {
    gridcolor: theme.line,
    zerolinecolor: theme.line,
    zerolinewidth: 2,
    linecolor: theme.line,
    nticks: 7,
    automargin: "left+bottom", // far zoomed in, the numbers are long
  };
}
