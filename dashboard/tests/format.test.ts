import { expect, test } from 'vitest';
import * as format from '@/lib/format';

test('unknown values are shown as unknown, not as zero', () => {
  expect(format.count(null)).toBe('unknown');
  expect(format.share(null)).toBe('unknown');
  expect(format.span(null)).toBe('unknown');
  expect(format.day(null)).toBe('unknown');
  expect(format.count(0)).toBe('0');
});

test('numbers have thousands separators, and 1 has the singular', () => {
  expect(format.count(20318)).toBe('20,318');
  expect(format.counted(1, 'play')).toBe('1 play');
  expect(format.counted(0, 'play')).toBe('0 plays');
  expect(format.counted(2000, 'play')).toBe('2,000 plays');
});

test('only a whole share is shown as 100%', () => {
  expect(format.share(0.999)).toBe('99%');
  expect(format.share(1)).toBe('100%');
  expect(format.share(0)).toBe('0%');
});

test('a duration is rounded to minutes, but never to zero', () => {
  expect(format.span(0)).toBe('0 min');
  expect(format.span(1)).toBe('under 1 min');
  expect(format.span(59 * 60_000 + 31_000)).toBe('1 h 00 min');
  expect(format.span(6 * 3_600_000 + 5 * 60_000)).toBe('6 h 05 min');
  expect(format.hours(1801 * 3_600_000)).toBe('1,801 h');
});

test('a local date is not moved by a time zone', () => {
  expect(format.day('2026-03-29')).toBe('29 Mar 2026');
  expect(format.weekday('2026-01-03')).toBe('Saturday');
});

test("an instant is shown in the listener's time zone", () => {
  const late = new Date('2026-11-24T23:30:00Z');
  expect(format.moment(late, 'UTC')).toBe('24 Nov 2026, 23:30');
  expect(format.moment(late, 'Asia/Tokyo')).toBe('25 Nov 2026, 08:30');
  expect(format.momentDay(late, 'Asia/Tokyo')).toBe('25 Nov 2026');
});

test('an age is rounded down and has one unit', () => {
  const now = new Date('2026-11-25T12:00:00Z');
  expect(format.ago(new Date('2026-11-25T11:59:01Z'), now)).toBe('just now');
  expect(format.ago(new Date('2026-11-25T11:58:59Z'), now)).toBe('1 minute ago');
  expect(format.ago(new Date('2026-11-25T05:30:00Z'), now)).toBe('6 hours ago');
  expect(format.ago(new Date('2026-11-24T12:00:00Z'), now)).toBe('1 day ago');
  expect(format.ago(new Date('2026-11-25T12:00:01Z'), now)).toBe('just now');
});

test('an unknown time zone is replaced by UTC', () => {
  expect(format.shownZone('Not/AZone')).toBe('UTC');
  expect(format.shownZone('Europe/Madrid')).toBe('Europe/Madrid');
});
