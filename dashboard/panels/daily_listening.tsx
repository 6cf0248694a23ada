/** A calendar of one year, and all months since the first play. */
import { sql } from 'kysely';
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

/** Read the first and the last day with a play, the days that the calendar shows, and the total of each month. */
async function query(db: Reader, { listener, year }: View) {
  const daily = db.selectFrom('mart.daily_listening').where('listener_id', '=', listener.id);
  const { first, last } = await daily
    .select(({ fn }) => [
      fn.min<string | null>('played_on').as('first'),
      fn.max<string | null>('played_on').as('last'),
    ])
    .executeTakeFirstOrThrow();
  if (!first || !last) return null;
  const dates = shownDays(last, year);
  const days = await daily
    .select(['played_on', 'play_count', 'listened_ms'])
    .where('played_on', '>=', dates[0] ?? '')
    .where('played_on', '<=', dates.at(-1) ?? '')
    .orderBy('played_on')
    .execute();
  const months = await daily
    .select(({ fn }) => [
      sql<string>`date_trunc('month', played_on::timestamp)::date`.as('month'),
      fn.sum<number>('listened_ms').as('listened_ms'),
    ])
    .groupBy('month')
    .execute();
  return { first, last, dates, days, months };
}

type Data = NonNullable<Awaited<ReturnType<typeof query>>>;

/** Return the days of a calendar year, or the 365 days up to the last play. */
function shownDays(last: string, year: number | undefined): string[] {
  if (year === undefined) return eachDay(addDays(last, 1 - YEAR_DAYS), last);
  return eachDay(`${year}-01-01`, `${year}-12-31`);
}

/** Return one cell per date. Dates before the first play and after the last one are unknown and stay blank. */
function calendarDays({ days, dates, first, last }: Data): CalendarDay[] {
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

/** Return every month from the first play to the last one. */
function allMonths({ months, first, last }: Data): { month: string; listenedMs: number }[] {
  const listened = new Map(months.map(({ month, listened_ms }) => [month, listened_ms]));
  return eachMonth(first, last).map((month) => ({ month, listenedMs: listened.get(month) ?? 0 }));
}

function picture(data: Data | null, { listener, year }: View) {
  if (!data) return null;
  const { first, last, dates, days } = data;
  const cells = calendarDays(data);
  const known = cells.filter(({ level }) => level !== null).length;
  const months = allMonths(data);
  return (
    <>
      <YearTabs listener={listener.id} first={first} last={last} year={year} />
      <Figure
        title={year === undefined ? daysText(dates[0] ?? '', last) : String(year)}
        description={`${counted(days.length, 'day')} of ${known} with a play`}
        table={{
          head: ['Day', 'Listened', 'Plays'],
          rows: days.map((row) => [dayText(row.played_on), span(row.listened_ms), count(row.play_count)]),
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
  isEmpty: (data) => data === null,
  picture,
});
