/** Numbers, durations and dates as text. An unknown value is shown as 'unknown'. */
const LOCALE = 'en-GB';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export const UNKNOWN = 'unknown';

const whole = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone: 'UTC' });
const monthFormat = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonthFormat = new Intl.DateTimeFormat(LOCALE, { month: 'short', timeZone: 'UTC' });
const age = new Intl.RelativeTimeFormat(LOCALE);
const AGE_UNITS = [
  [24 * HOUR_MS, 'day'],
  [HOUR_MS, 'hour'],
  [MINUTE_MS, 'minute'],
] as const;
const weekdayFormat = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', timeZone: 'UTC' });

export const count = (value: number | null): string => (value === null ? UNKNOWN : whole.format(value));

/** '1 play', '2,000 plays'. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

/** A percentage, rounded down so that 100% means all of it. */
export function share(value: number | null): string {
  return value === null ? UNKNOWN : percent.format(Math.floor(value * 100) / 100);
}

/** A duration as '2 h 05 min' or '12 min'. */
export function span(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const minutes = Math.round(ms / MINUTE_MS);
  if (ms > 0 && minutes === 0) return 'under 1 min';
  if (minutes < 60) return `${minutes} min`;
  return `${whole.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A long duration in whole hours, a shorter one with its minutes. */
export function hours(ms: number): string {
  return ms >= 100 * HOUR_MS ? `${whole.format(Math.round(ms / HOUR_MS))} h` : span(ms);
}

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** '2026-11-24' as '24 Nov 2026'. A local date is formatted without applying a time zone again. */
export const day = (date: string | null): string => (date === null ? UNKNOWN : dayFormat.format(utc(date)));
export const month = (date: string): string => monthFormat.format(utc(date));
export const shortMonth = (date: string): string => shortMonthFormat.format(utc(date));
export const weekday = (date: string): string => weekdayFormat.format(utc(date));

/** A range such as '24 Nov – 2 Dec 2026', which does not repeat what both dates share. */
export const days = (from: string, to: string): string => dayFormat.formatRange(utc(from), utc(to));

/** An instant as date and time in the listener's time zone. */
export function moment(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

/** The age of an instant, rounded down: '3 hours ago'. */
export function ago(at: Date, now: Date): string {
  const ageMs = Math.max(0, now.getTime() - at.getTime());
  const unit = AGE_UNITS.find(([unitMs]) => ageMs >= unitMs);
  return unit ? age.format(-Math.floor(ageMs / unit[0]), unit[1]) : 'just now';
}

/** An instant as a date in the listener's time zone. */
export function momentDay(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone }).format(at);
}

/** Return the time zone, or UTC when this machine does not know it, so that the page can still be shown. */
export function shownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat(LOCALE, { timeZone }).resolvedOptions().timeZone && timeZone;
  } catch {
    return 'UTC';
  }
}
