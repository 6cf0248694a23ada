/** A year as a record: one line per day, clockwise from the top. More listening makes a longer line. */
import { LEVELS, level, levelBounds } from '@/charts/levels';
import { addDays, eachDay } from '@/lib/days';

export interface DiscDay {
  day: string;
  ms: number;
}

/** Radii between which the lines are, in the units of the drawing. */
const INNER_RADIUS = 58;
export const OUTER_RADIUS = 132;
/** Keeps the line of the shortest day visible. */
const SHORTEST_LINE = 4;

function point(angle: number, radius: number): string {
  return `${(radius * Math.sin(angle)).toFixed(1)} ${(-radius * Math.cos(angle)).toFixed(1)}`;
}

/** Return one SVG path for each level from 1 to 5. A day without listening leaves a gap. */
export function discPaths(days: DiscDay[], span: number): string[] {
  const last = days.at(-1)?.day;
  const listened = new Map(days.map(({ day, ms }) => [day, ms]));
  const most = Math.max(...listened.values());
  const bounds = levelBounds([...listened.values()]);
  const paths = Array.from({ length: LEVELS }, () => '');
  for (const [index, day] of (last ? eachDay(addDays(last, 1 - span), last) : []).entries()) {
    const ms = listened.get(day) ?? 0;
    if (ms <= 0) continue;
    const angle = (index / span) * 2 * Math.PI;
    const end = INNER_RADIUS + Math.max(SHORTEST_LINE, (ms / most) * (OUTER_RADIUS - INNER_RADIUS));
    paths[level(ms, bounds) - 1] += `M${point(angle, INNER_RADIUS)}L${point(angle, end)}`;
  }
  return paths;
}

/** Return the months that start in the last `span` days, with the angle of their first day. */
export function discMonths(last: string, span: number): { month: string; angle: number }[] {
  return eachDay(addDays(last, 1 - span), last).flatMap((day, index) =>
    day.endsWith('-01') ? [{ month: day, angle: (index / span) * 360 }] : [],
  );
}
