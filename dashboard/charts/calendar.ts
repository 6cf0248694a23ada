/** A calendar with one column per week, in which each day has a colour. */
import { HEAT } from '@/charts/theme';
import { isoWeekday } from '@/lib/days';
import { shortMonth } from '@/lib/format';

export interface CalendarDay {
  day: string;
  /** From 0 to 5. Null when nothing is known about the day, which then stays blank. */
  level: number | null;
  tip: string;
}

/** A number of whole weeks. */
export interface CalendarPart {
  weeks: number;
  /** Where the names of the months start, in percent of the part's width. */
  months: { day: string; name: string; left: number }[];
  svg: string;
  tips: string[];
}

/** Size of a cell and the gap after it, in the units of the drawing. */
const STEP = 20;
const WEEK_DAYS = 7;
/** The last position, in percent, at which a month's name fits. */
const LAST_NAME_POSITION = 96;

interface Cell extends CalendarDay {
  week: number;
  row: number;
}

function cells(days: CalendarDay[]): Cell[] {
  const offset = isoWeekday(days[0]?.day ?? '') - 1;
  return days.map((day, index) => ({
    ...day,
    week: Math.floor((index + offset) / WEEK_DAYS),
    row: (index + offset) % WEEK_DAYS,
  }));
}

/** Split the days into two halves of whole weeks and draw each. A few days give only one. */
export function calendarParts(days: CalendarDay[]): CalendarPart[] {
  const all = cells(days);
  const weeks = (all.at(-1)?.week ?? 0) + 1;
  const half = Math.ceil(weeks / 2);
  return [
    part(
      all.filter(({ week }) => week < half),
      half,
    ),
    part(
      all.filter(({ week }) => week >= half).map((cell) => ({ ...cell, week: cell.week - half })),
      weeks - half,
    ),
  ].filter(({ weeks }) => weeks > 0);
}

function part(cells: Cell[], weeks: number): CalendarPart {
  const shapes = HEAT.map((color, heat) => {
    const rects = cells.map(({ level, week, row }, index) =>
      level === heat ? `<rect x="${week * STEP}" y="${row * STEP}" data-datum="${index}"/>` : '',
    );
    return `<g fill="${color}">${rects.join('')}</g>`;
  });
  const box = `0 0 ${weeks * STEP} ${WEEK_DAYS * STEP}`;
  const months = cells
    .filter(({ day }) => day.endsWith('-01'))
    .map(({ day, week }) => ({ day, name: shortMonth(day), left: (week / weeks) * 100 }))
    .filter(({ left }) => left < LAST_NAME_POSITION);
  return {
    weeks,
    months,
    svg: `<svg viewBox="${box}" aria-hidden="true" focusable="false">${shapes.join('')}</svg>`,
    tips: cells.map(({ tip }) => tip),
  };
}
