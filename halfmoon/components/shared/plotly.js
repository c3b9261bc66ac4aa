// Plotly, loaded once for all plots, from the app's own server.

/** @import { Plotly } from "./plotly-api.d.ts" */

/** @type {Promise<Plotly> | undefined} */
let loading;

/**
 * @param {string} base
 * @returns {Promise<Plotly>}
 */
export function loadPlotly(base) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${base}/plotly/plotly.min.js`;
    script.onload = () => resolve(plotly());
    script.onerror = () => {
      loading = undefined;
      reject(new Error(`${script.src} could not be loaded`));
    };
    document.head.append(script);
  });
  return loading;
}

/** @returns {Plotly} Plotly, once it has been loaded. */
export function plotly() {
  if (!window.Plotly) throw new Error("Plotly has not been loaded");
  return window.Plotly;
}
