/** Sorts values into the five levels of heat, each holding about a fifth of the days with anything in them. */
export const LEVELS = 5;

/** The lower bounds of levels 2 to 5, rising. */
export function levelBounds(values: number[]): number[] {
  const positive = values.filter((value) => value > 0).sort((one, other) => one - other);
  return Array.from({ length: LEVELS - 1 }, (_, index) => {
    const rank = Math.floor(((index + 1) * positive.length) / LEVELS);
    return positive[rank] ?? Number.POSITIVE_INFINITY;
  });
}

/** 0 for nothing, 1 to 5 by the bounds. */
export function level(value: number, bounds: number[]): number {
  return value > 0 ? 1 + bounds.filter((bound) => value >= bound).length : 0;
}
