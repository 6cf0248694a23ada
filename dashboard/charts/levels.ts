/** Five levels of heat. Each level has about a fifth of the values above zero. */
export const LEVELS = 5;

/** Return the lower bounds of levels 2 to 5, in ascending order. */
export function levelBounds(values: number[]): number[] {
  const positive = values.filter((value) => value > 0).sort((one, other) => one - other);
  return Array.from({ length: LEVELS - 1 }, (_, index) => {
    const rank = Math.floor(((index + 1) * positive.length) / LEVELS);
    return positive[rank] ?? Number.POSITIVE_INFINITY;
  });
}

/** Return 0 for a value of zero, otherwise the level from 1 to 5. */
export function level(value: number, bounds: number[]): number {
  return value > 0 ? 1 + bounds.filter((bound) => value >= bound).length : 0;
}
