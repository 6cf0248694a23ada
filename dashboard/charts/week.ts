/** A week as a grid with one row per weekday and one column per hour. */
import { level, levelBounds } from '@/charts/levels';
import { HEAT } from '@/charts/theme';

export interface WeekHour {
  /** 1 for Monday to 7 for Sunday. */
  isoWeekday: number;
  hour: number;
  value: number;
  tip: string;
}

export const HOURS = 24;
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Size of a cell and the gap after it, in the units of the drawing. */
const STEP = 20;

export function weekGrid(hours: WeekHour[]): { svg: string; tips: string[] } {
  const bounds = levelBounds(hours.map(({ value }) => value));
  const shapes = HEAT.map((color, heat) => {
    const rects = hours.map(({ isoWeekday, hour, value }, index) =>
      level(value, bounds) === heat
        ? `<rect x="${hour * STEP}" y="${(isoWeekday - 1) * STEP}" data-datum="${index}"/>`
        : '',
    );
    return `<g fill="${color}">${rects.join('')}</g>`;
  });
  const box = `0 0 ${HOURS * STEP} ${WEEKDAYS.length * STEP}`;
  return {
    svg: `<svg viewBox="${box}" aria-hidden="true" focusable="false">${shapes.join('')}</svg>`,
    tips: hours.map(({ tip }) => tip),
  };
}
