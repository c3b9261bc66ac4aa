// Ranges of axes that follow what is drawn, calmly: they move where something would be outside, or much is empty.

const MARGIN = 0.06; // on either side of what is drawn
const EMPTIEST = 0.62; // share of a range that has to be in use

// The range for values from `low` to `high`, given the one before; where there is merely room to spare it goes only a
// share of the way, its `pace`.
export function follow(range, [low, high], pace = 1) {
  const margin = (high - low) * MARGIN || Math.abs(high) * 0.1 || 1;
  const wanted = [low - margin, high + margin];
  if (!range) return wanted;
  const isInside = low >= range[0] && high <= range[1];
  if (isInside && high - low > EMPTIEST * (range[1] - range[0])) return range;
  return range.map((end, at) => end + (isInside ? pace : 1) * (wanted[at] - end));
}

// How far along the axis a run of `steps` is drawn at `step`: all of it, or a half, a quarter ... while it is young.
export function horizon(step, steps) {
  let end = Math.max(steps, step);
  while (step < 0.42 * end && end > 8) end /= 2;
  return end;
}
