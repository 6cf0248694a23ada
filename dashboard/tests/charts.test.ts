import { expect, test } from 'vitest';
import { bars } from '@/charts/bars';
import { calendarParts } from '@/charts/calendar';
import { discPaths } from '@/charts/disc';
import { level, levelBounds } from '@/charts/levels';
import { monthBars } from '@/charts/months';
import { renderSvg } from '@/charts/render';
import { place, ticks } from '@/charts/timeline';
import { weekGrid } from '@/charts/week';
import { eachDay } from '@/lib/days';

test('each level has a fifth of the values above zero', () => {
  const bounds = levelBounds([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => level(value, bounds))).toEqual([
    0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
  ]);
});

test('days without listening are at level 0', () => {
  expect(level(0, levelBounds([0, 0]))).toBe(0);
});

test('the calendar draws every known day in whole weeks', () => {
  const days = eachDay('2025-11-25', '2026-11-24').map((day, index) => ({
    day,
    level: index === 0 ? null : index % 6,
    tip: day,
  }));
  const parts = calendarParts(days);
  expect(parts.map(({ weeks }) => weeks)).toEqual([27, 26]);
  expect(
    parts.map(({ svg }) => svg.match(/<rect /g)?.length).reduce((sum = 0, cells = 0) => sum + cells),
  ).toBe(364);
  expect(parts.flatMap(({ tips }) => tips)).toEqual(days.map(({ day }) => day));
  expect(parts.flatMap(({ months }) => months)).toHaveLength(12);
});

test('a calendar of one day has one part', () => {
  expect(calendarParts([{ day: '2026-11-24', level: 1, tip: '' }]).map(({ weeks }) => weeks)).toEqual([1]);
});

test('the disc draws one line per day with listening, and the longest reaches the rim', () => {
  const paths = discPaths(
    [
      { day: '2026-01-01', ms: 10 },
      { day: '2026-01-02', ms: 0 },
      { day: '2026-01-03', ms: 5 },
    ],
    3,
  );
  expect(paths.join('').match(/M/g)).toHaveLength(2);
  expect(paths.join('')).toContain('M0.0 -58.0L0.0 -132.0');
  expect(discPaths([], 3).join('')).toBe('');
});

test('a span is placed in proportion to its days', () => {
  expect(place('2026-01-01', '2026-01-05', '2026-01-01', '2026-01-10')).toEqual({ left: 0, width: 50 });
  expect(place('2026-01-10', '2026-01-10', '2026-01-01', '2026-01-10')).toEqual({ left: 90, width: 10 });
});

test('a time line has at most five ticks, on first days of months', () => {
  expect(ticks('2024-10-25', '2026-11-24').map(({ day }) => day)).toEqual([
    '2025-01-01',
    '2025-07-01',
    '2026-01-01',
    '2026-07-01',
  ]);
  expect(ticks('2026-11-02', '2026-11-24')).toEqual([]);
});

test('a chart is SVG without scripts or style sheets, with the page’s colours and escaped text', () => {
  const drawing = bars([{ label: '<b>&', value: 1, mark: '1', tip: 'one' }]);
  const svg = renderSvg(drawing.option, { width: 200, height: 100 });
  expect(svg).toContain('data-datum="0"');
  expect(svg).toContain('fill="var(--heat-4)"');
  expect(svg).toContain('&lt;b&gt;&amp;');
  expect(svg).not.toMatch(/<style|<script|class=|ecmeta/);
  expect(drawing.tips).toEqual(['one']);
});

test('a week has one cell per hour and starts on Monday', () => {
  const hours = [
    { isoWeekday: 1, hour: 0, value: 0, tip: 'nothing' },
    { isoWeekday: 7, hour: 23, value: 5, tip: 'something' },
  ];
  const { svg, tips } = weekGrid(hours);
  expect(svg).toContain('viewBox="0 0 480 140"');
  expect(svg).toContain('<g fill="var(--heat-0)"><rect x="0" y="0" data-datum="0"/></g>');
  expect(svg).toContain('<rect x="460" y="120" data-datum="1"/>');
  expect(tips).toEqual(['nothing', 'something']);
});

test('month names are thinned to fit, and January shows the year', () => {
  const months = ['2025-11-01', '2025-12-01', '2026-01-01', '2026-02-01'].map((month) => ({
    month,
    value: 1,
    detail: 'one',
  }));
  expect(monthBars(months, 4).map(({ label }) => label)).toEqual(['Nov', 'Dec', 'Jan\n2026', 'Feb']);
  expect(monthBars(months, 2).map(({ label }) => label)).toEqual(['', '', 'Jan\n2026', '']);
  expect(monthBars(months, 4)[0]?.tip).toBe('November 2025: one');
});
