/** A calendar of days, one column a week, coloured by how much was heard. */
import { HEAT } from '@/charts/theme';
import { isoWeekday } from '@/lib/days';
import { shortMonth } from '@/lib/format';

export interface CalendarDay {
  day: string;
  /** 0 to 5; null for a day about which nothing can be said: it stays blank. */
  level: number | null;
  tip: string;
}

/** A stretch of whole weeks. Wide pages set the parts side by side, narrow ones below each other. */
export interface CalendarPart {
  weeks: number;
  /** Where the months begin, in percent of the part's width. */
  months: { day: string; name: string; left: number }[];
  svg: string;
  tips: string[];
}

/** A cell and the gap after it, in the drawing's own units. */
const STEP = 20;
const DAYS_A_WEEK = 7;
/** A month that begins further right than this has no room for its name. */
const LAST_LABEL = 96;

interface Cell extends CalendarDay {
  week: number;
  row: number;
}

function cells(days: CalendarDay[]): Cell[] {
  const offset = isoWeekday(days[0]?.day ?? '') - 1;
  return days.map((day, index) => ({
    ...day,
    week: Math.floor((index + offset) / DAYS_A_WEEK),
    row: (index + offset) % DAYS_A_WEEK,
  }));
}

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
  const box = `0 0 ${weeks * STEP} ${DAYS_A_WEEK * STEP}`;
  const months = cells
    .filter(({ day }) => day.endsWith('-01'))
    .map(({ day, week }) => ({ day, name: shortMonth(day), left: (week / weeks) * 100 }))
    .filter(({ left }) => left < LAST_LABEL);
  return {
    weeks,
    months,
    svg: `<svg viewBox="${box}" aria-hidden="true" focusable="false">${shapes.join('')}</svg>`,
    tips: cells.map(({ tip }) => tip),
  };
}
