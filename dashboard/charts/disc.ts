/** A year as a record: one line a day, clockwise from the top, as long as that day's listening. */
import { LEVELS, level, levelBounds } from '@/charts/levels';
import { addDays, eachDay } from '@/lib/days';

export interface DiscDay {
  day: string;
  ms: number;
}

/** Radii of the shortest and the longest line's end, in the drawing's own units. */
export const INNER = 58;
export const OUTER = 132;
/** So that the shortest day is still a line. */
const SHORTEST = 4;

function point(angle: number, radius: number): string {
  return `${(radius * Math.sin(angle)).toFixed(1)} ${(-radius * Math.cos(angle)).toFixed(1)}`;
}

/** One path for each level, 1 to 5. A day with nothing heard keeps its place, without a line. */
export function discPaths(days: DiscDay[], span: number): string[] {
  const last = days.at(-1)?.day;
  const heard = new Map(days.map(({ day, ms }) => [day, ms]));
  const most = Math.max(...heard.values());
  const bounds = levelBounds([...heard.values()]);
  const paths = Array.from({ length: LEVELS }, () => '');
  for (const [index, day] of (last ? eachDay(addDays(last, 1 - span), last) : []).entries()) {
    const ms = heard.get(day) ?? 0;
    if (ms <= 0) continue;
    const angle = (index / span) * 2 * Math.PI;
    const end = INNER + Math.max(SHORTEST, (ms / most) * (OUTER - INNER));
    paths[level(ms, bounds) - 1] += `M${point(angle, INNER)}L${point(angle, end)}`;
  }
  return paths;
}

/** The months that begin in the last `span` days, each where its first day lies. */
export function discMonths(last: string, span: number): { month: string; angle: number }[] {
  return eachDay(addDays(last, 1 - span), last).flatMap((day, index) =>
    day.endsWith('-01') ? [{ month: day, angle: (index / span) * 360 }] : [],
  );
}
