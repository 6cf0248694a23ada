/** Arithmetic on calendar dates written 'YYYY-MM-DD'. */
const DAY_MS = 86_400_000;

const toMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: string, count: number): string => toDay(toMs(day) + count * DAY_MS);

/** Days from the first to the second, both included. */
export const dayCount = (from: string, to: string): number =>
  Math.round((toMs(to) - toMs(from)) / DAY_MS) + 1;

export function eachDay(from: string, to: string): string[] {
  return Array.from({ length: Math.max(0, dayCount(from, to)) }, (_, index) => addDays(from, index));
}

/** The first days of the months from one date's to the other's. */
export function eachMonth(from: string, to: string): string[] {
  const months: string[] = [];
  const at = new Date(`${from.slice(0, 7)}-01T00:00:00Z`);
  while (toDay(at.getTime()) <= to) {
    months.push(toDay(at.getTime()));
    at.setUTCMonth(at.getUTCMonth() + 1);
  }
  return months;
}

/** 1 for Monday to 7 for Sunday. */
export const isoWeekday = (day: string): number => new Date(toMs(day)).getUTCDay() || 7;
