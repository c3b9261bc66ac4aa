// Idle moments, in which a pause of the page goes unnoticed.

const STILL = 250; // milliseconds for which the pointer has not moved
const PATIENCE = 4000; // milliseconds after which it may as well be now
const LOOK = 50; // milliseconds

export async function rest() {
  const begun = performance.now();
  let moved = begun;
  const move = () => (moved = performance.now());
  document.addEventListener("pointermove", move, true);
  const isOver = () => performance.now() - moved > STILL || performance.now() - begun > PATIENCE;
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, LOOK));
  document.removeEventListener("pointermove", move, true);
}
