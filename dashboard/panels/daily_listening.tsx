/** A calendar of one year, and all months since the first play. */
import type { CalendarDay } from '@/charts/calendar';
import { level, levelBounds } from '@/charts/levels';
import { Calendar } from '@/components/drawings/Calendar';
import { Figure } from '@/components/figure/Figure';
import { HeatLegend } from '@/components/figure/HeatLegend';
import { MonthChart } from '@/components/figure/MonthChart';
import { YearTabs } from '@/components/layout/YearTabs';
import type { Reader } from '@/lib/database';
import { addDays, eachDay, eachMonth, YEAR_DAYS } from '@/lib/days';
import {
  count,
  counted,
  days as daysText,
  day as dayText,
  HOUR_MS,
  month as monthText,
  span,
} from '@/lib/format';
import { panel, type View } from '@/lib/panel';

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.daily_listening')
    .select(['played_on', 'play_count', 'listened_ms'])
    .where('listener_id', '=', listener.id)
    .orderBy('played_on')
    .execute();
}

type Days = Awaited<ReturnType<typeof query>>;

/** Return the days of a calendar year, or the 365 days up to the last play. */
function shownDays(last: string, year: number | undefined): string[] {
  if (year === undefined) return eachDay(addDays(last, 1 - YEAR_DAYS), last);
  return eachDay(`${year}-01-01`, `${year}-12-31`);
}

/** Return one cell per date. Dates before the first play and after the last one are unknown and stay blank. */
function calendarDays(days: Days, dates: string[], first: string, last: string): CalendarDay[] {
  const rows = new Map(days.map((row) => [row.played_on, row]));
  const bounds = levelBounds(dates.map((date) => rows.get(date)?.listened_ms ?? 0));
  return dates.map((date) => {
    const row = rows.get(date);
    if (!row && (date < first || date > last)) return { day: date, level: null, tip: '' };
    const detail = row ? `${span(row.listened_ms)}, ${counted(row.play_count, 'play')}` : 'no plays';
    return {
      day: date,
      level: row ? Math.max(1, level(row.listened_ms, bounds)) : 0,
      tip: `${dayText(date)}: ${detail}`,
    };
  });
}

interface Month {
  month: string;
  listenedMs: number;
}

function byMonth(days: Days, first: string, last: string): Month[] {
  const listened = new Map<string, number>();
  for (const { played_on, listened_ms } of days) {
    const month = `${played_on.slice(0, 7)}-01`;
    listened.set(month, (listened.get(month) ?? 0) + listened_ms);
  }
  return eachMonth(first, last).map((month) => ({ month, listenedMs: listened.get(month) ?? 0 }));
}

function picture(days: Days, { listener, year }: View) {
  const first = days[0]?.played_on ?? '';
  const last = days.at(-1)?.played_on ?? '';
  const dates = shownDays(last, year);
  const cells = calendarDays(days, dates, first, last);
  const known = cells.filter(({ level }) => level !== null).length;
  const inRange = days.filter(
    ({ played_on }) => played_on >= (dates[0] ?? '') && played_on <= (dates.at(-1) ?? ''),
  );
  const months = byMonth(days, first, last);
  return (
    <>
      <YearTabs listener={listener.id} first={first} last={last} year={year} />
      <Figure
        title={year === undefined ? daysText(dates[0] ?? '', last) : String(year)}
        description={`${counted(inRange.length, 'day')} of ${known} with a play`}
        table={{
          head: ['Day', 'Listened', 'Plays'],
          rows: inRange.map((row) => [dayText(row.played_on), span(row.listened_ms), count(row.play_count)]),
        }}
      >
        <Calendar days={cells} />
        <HeatLegend />
      </Figure>
      <MonthChart
        title="Hours by month"
        description={`${monthText(first)} to ${monthText(last)}. The first and the last month may be incomplete.`}
        months={months.map(({ month, listenedMs }) => ({
          month,
          value: listenedMs / HOUR_MS,
          detail: span(listenedMs),
        }))}
        unit=" h"
        width="whole"
        table={{
          head: ['Month', 'Listened'],
          rows: months.map(({ month, listenedMs }) => [monthText(month), span(listenedMs)]),
        }}
      />
    </>
  );
}

export default panel({
  title: 'Day by day',
  about: 'Time listened each day, from midnight to midnight in local time.',
  order: 20,
  width: 'whole',
  empty: 'No plays yet.',
  usesYear: true,
  query,
  isEmpty: (days) => days.length === 0,
  picture,
});
