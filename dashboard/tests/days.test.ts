import { expect, test } from 'vitest';
import { addDays, dayCount, eachDay, eachMonth, isoWeekday } from '@/lib/days';

test('adding days handles leap days and year ends', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
});

test('a range of days includes both ends', () => {
  expect(dayCount('2026-03-28', '2026-03-28')).toBe(1);
  expect(dayCount('2026-03-28', '2026-04-01')).toBe(5);
  expect(eachDay('2026-03-30', '2026-04-01')).toEqual(['2026-03-30', '2026-03-31', '2026-04-01']);
  expect(eachDay('2026-04-01', '2026-03-30')).toEqual([]);
});

test('eachMonth returns first days of months', () => {
  expect(eachMonth('2025-11-30', '2026-01-01')).toEqual(['2025-11-01', '2025-12-01', '2026-01-01']);
});

test('weekday 1 is Monday', () => {
  expect(isoWeekday('2026-11-23')).toBe(1);
  expect(isoWeekday('2026-11-29')).toBe(7);
});
