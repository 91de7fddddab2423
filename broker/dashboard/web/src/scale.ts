// Where things are in a plot. Pure functions.

export interface Axis {
  readonly max: number;
  readonly ticks: readonly number[];
}

// From 0 to a round number that is not below `largest`; in steps of 1, 2 or 5
// times a power of `base` (10, or 2 for bytes: then any power of it).
export function axis(largest: number, base: 10 | 2 = 10): Axis {
  if (!(largest > 0)) return {max: 1, ticks: [0, 1]};
  if (base === 2) {
    const max = 2 ** Math.ceil(Math.log2(largest));
    return {max, ticks: [0, max / 2, max]};
  }
  const power = 10 ** Math.floor(Math.log10(largest / 2));
  const step = [1, 2, 5, 10].map((n) => n * power)
    .find((n) => Math.ceil(largest / n - 1e-9) <= 4) ?? 10 * power;
  const steps = Math.max(1, Math.ceil(largest / step - 1e-9));
  const ticks = Array.from({length: steps + 1},
    (_, i) => Number((i * step).toPrecision(12)));
  return {max: ticks[steps] ?? 1, ticks};
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

// Ages in milliseconds go from `span` at the left to 0 at the right.
export function xOf(age: number, span: number, box: Box): number {
  const share = 1 - Math.min(Math.max(age / span, 0), 1);
  return box.left + share * (box.right - box.left);
}

export function yOf(value: number, max: number, box: Box): number {
  const share = Math.min(Math.max(value / max, 0), 1);
  return box.bottom - share * (box.bottom - box.top);
}

const round = (n: number): string => String(Number(n.toFixed(1)));

// The `d` of a path through points; empty for none. A single point is a short
// line, for it to be seen.
export function line(points: ReadonlyArray<readonly [number, number]>): string {
  const first = points[0];
  if (!first) return "";
  if (points.length === 1) {
    return `M${round(first[0] - 2)} ${round(first[1])}H${round(first[0])}`;
  }
  return points.map(([x, y], i) => `${i ? "L" : "M"}${round(x)} ${round(y)}`)
    .join("");
}

// The same, closed down to the bottom.
export function area(points: ReadonlyArray<readonly [number, number]>,
  bottom: number): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return "";
  return `${line(points)}V${round(bottom)}H${round(first[0])}Z`;
}

// Which of the ages is nearest to a place; -1 when there is none.
export function nearest(x: number, ages: readonly number[], span: number,
  box: Box): number {
  let best = -1;
  let distance = Infinity;
  ages.forEach((age, i) => {
    const away = Math.abs(xOf(age, span, box) - x);
    if (away < distance) [best, distance] = [i, away];
  });
  return best;
}
