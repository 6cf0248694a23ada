/** Arithmetic on calendar dates written as 'YYYY-MM-DD'. */
const DAY_MS = 86_400_000;

/** Length of the period that the page calls the last year. */
export const YEAR_DAYS = 365;

const toMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: string, count: number): string => toDay(toMs(day) + count * DAY_MS);

/** Return the number of days from one date to another, both included. */
export const dayCount = (from: string, to: string): number =>
  Math.round((toMs(to) - toMs(from)) / DAY_MS) + 1;

/** Return every date from one to another, both included. */
export function eachDay(from: string, to: string): string[] {
  return Array.from({ length: Math.max(0, dayCount(from, to)) }, (_, index) => addDays(from, index));
}

/** Return the first day of every month from one date's month to the other's. */
export function eachMonth(from: string, to: string): string[] {
  const months: string[] = [];
  const month = new Date(`${from.slice(0, 7)}-01T00:00:00Z`);
  while (toDay(month.getTime()) <= to) {
    months.push(toDay(month.getTime()));
    month.setUTCMonth(month.getUTCMonth() + 1);
  }
  return months;
}

/** Return 1 for Monday to 7 for Sunday. */
export const isoWeekday = (day: string): number => new Date(toMs(day)).getUTCDay() || 7;
