/** Positions of dates on a time line, in percent of its length. */
import { dayCount, eachMonth } from '@/lib/days';

export interface Place {
  left: number;
  width: number;
}

/** Return where the span from `from` to `to` is on a line from `first` to `last`. */
export function place(from: string, to: string, first: string, last: string): Place {
  const whole = dayCount(first, last);
  return { left: ((dayCount(first, from) - 1) / whole) * 100, width: (dayCount(from, to) / whole) * 100 };
}

export interface Tick {
  day: string;
  left: number;
}

const MAX_TICKS = 5;
/** Possible distances between ticks, in months. */
const STEPS = [1, 2, 3, 6, 12, 24, 60, 120];

/** Return evenly spaced first days of months, few enough to be readable. */
export function ticks(first: string, last: string): Tick[] {
  const months = eachMonth(first, last).filter((month) => month >= first);
  const step = STEPS.find((each) => months.length / each <= MAX_TICKS) ?? 120;
  return months
    .filter((month) => (Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1) % step === 0)
    .map((day) => ({ day, left: place(day, day, first, last).left }));
}
