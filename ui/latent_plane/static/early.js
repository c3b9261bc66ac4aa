// Evaluates plotly.js, which takes a second, while Streamlit waits for the server, which has begun to run the page.

import { loadPlotly } from "./plotly.js";

const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const isWaiting = () => document.querySelector("[data-testid=stApp][data-test-script-state=running]");

function load() {
  loadPlotly(base).catch(() => {}); // whoever needs it asks again
}

if (isWaiting()) {
  load();
} else {
  const observer = new MutationObserver(() => {
    if (!isWaiting()) return;
    observer.disconnect();
    setTimeout(load); // after the frame that is being made
  });
  observer.observe(document, { subtree: true, childList: true, attributeFilter: ["data-test-script-state"] });
}
