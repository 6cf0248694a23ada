/** Numbers, spans and dates as text. What is not known says so. */
const LOCALE = 'en-GB';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const UNKNOWN = 'unknown';

const whole = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone: 'UTC' });
const monthFormat = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonthFormat = new Intl.DateTimeFormat(LOCALE, { month: 'short', timeZone: 'UTC' });
const weekdayFormat = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', timeZone: 'UTC' });

export const count = (value: number | null): string => (value === null ? UNKNOWN : whole.format(value));

/** '1 play', '2,000 plays'. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

/** Floored, so that only what is whole is called 100%. */
export function share(value: number | null): string {
  return value === null ? UNKNOWN : percent.format(Math.floor(value * 100) / 100);
}

/** A span as '2 h 05 min' or '12 min'. */
export function span(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const minutes = Math.round(ms / MINUTE_MS);
  if (ms > 0 && minutes === 0) return 'under 1 min';
  if (minutes < 60) return `${minutes} min`;
  return `${whole.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A sum of listening: whole hours once there are many, else as a span. */
export function hours(ms: number): string {
  return ms >= 100 * HOUR_MS ? `${whole.format(Math.round(ms / HOUR_MS))} h` : span(ms);
}

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** '2026-11-24' as '24 Nov 2026'; a local date has no zone left to apply. */
export const day = (date: string | null): string => (date === null ? UNKNOWN : dayFormat.format(utc(date)));
export const month = (date: string): string => monthFormat.format(utc(date));
export const shortMonth = (date: string): string => shortMonthFormat.format(utc(date));
export const weekday = (date: string): string => weekdayFormat.format(utc(date));

/** '24 Nov to 2 Dec 2026': what both ends share is said once. */
export const days = (from: string, to: string): string => dayFormat.formatRange(utc(from), utc(to));

/** An instant in the listener's zone. */
export function moment(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

export function momentDay(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone }).format(at);
}

/** The zone when this machine knows it, else UTC: an odd zone must not take the page down. */
export function shownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat(LOCALE, { timeZone }).resolvedOptions().timeZone && timeZone;
  } catch {
    return 'UTC';
  }
}
