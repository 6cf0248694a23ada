/** Every day as a calendar of one year, and every month since the beginning. */
import type { CalendarDay } from '@/charts/calendar';
import { level, levelBounds } from '@/charts/levels';
import { Calendar } from '@/components/drawings/Calendar';
import { Figure } from '@/components/figure/Figure';
import { HeatLegend } from '@/components/figure/HeatLegend';
import { MonthChart } from '@/components/figure/MonthChart';
import { YearTabs } from '@/components/layout/YearTabs';
import type { Reader } from '@/lib/database';
import { addDays, eachDay, eachMonth } from '@/lib/days';
import { count, counted, days as daysText, day as dayText, month as monthText, span } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

const YEAR_DAYS = 365;
const HOUR_MS = 3_600_000;

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.daily_listening')
    .select(['played_on', 'play_count', 'listened_ms'])
    .where('listener_id', '=', listener.id)
    .orderBy('played_on')
    .execute();
}

type Days = Awaited<ReturnType<typeof query>>;

/** The days on show: a calendar year, or the 365 days up to the last play. */
function shown(last: string, year: number | undefined): string[] {
  if (year === undefined) return eachDay(addDays(last, 1 - YEAR_DAYS), last);
  return eachDay(`${year}-01-01`, `${year}-12-31`);
}

/** Before the first play and after the last one nothing is known: such days stay blank. */
function calendarDays(days: Days, dates: string[], first: string, last: string): CalendarDay[] {
  const heard = new Map(days.map((row) => [row.played_on, row]));
  const bounds = levelBounds(dates.map((date) => heard.get(date)?.listened_ms ?? 0));
  return dates.map((date) => {
    const row = heard.get(date);
    if (!row && (date < first || date > last)) return { day: date, level: null, tip: '' };
    const said = row ? `${span(row.listened_ms)}, ${counted(row.play_count, 'play')}` : 'no play recorded';
    return {
      day: date,
      level: row ? Math.max(1, level(row.listened_ms, bounds)) : 0,
      tip: `${dayText(date)}: ${said}`,
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
  const dates = shown(last, year);
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
        description={`${monthText(first)} to ${monthText(last)}; the first and the last month may be partial`}
        months={months.map(({ month, listenedMs }) => ({
          month,
          value: listenedMs / HOUR_MS,
          said: span(listenedMs),
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
  about: "Time listened on each of the listener's own days, from midnight to midnight in their zone.",
  order: 20,
  width: 'whole',
  empty: 'No day has a counted play yet.',
  query,
  isEmpty: (days) => days.length === 0,
  picture,
});
