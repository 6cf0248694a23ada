/** How much was played in each hour of the week and of the day. */
import { type Bar, bars } from '@/charts/bars';
import { HOURS, WEEKDAYS, type WeekHour } from '@/charts/week';
import { WeekGrid } from '@/components/drawings/WeekGrid';
import { Chart } from '@/components/figure/Chart';
import { Figure } from '@/components/figure/Figure';
import { HeatLegend } from '@/components/figure/HeatLegend';
import type { Reader } from '@/lib/database';
import { count, counted, share, span } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

const HOURS_OF_DAY = Array.from({ length: HOURS }, (_, hour) => hour);

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.listening_clock')
    .select(({ fn }) => [
      'iso_weekday',
      'hour',
      fn.sum<number>('play_count').as('play_count'),
      fn.sum<number>('listened_ms').as('listened_ms'),
    ])
    .where('listener_id', '=', listener.id)
    .groupBy(['iso_weekday', 'hour'])
    .execute();
}

type Hours = Awaited<ReturnType<typeof query>>;

const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** Return all 168 hours of a week. An hour without a row had no plays. */
function weekHours(played: Hours): WeekHour[] {
  const found = new Map(played.map((row) => [row.iso_weekday * HOURS + row.hour, row]));
  return WEEKDAYS.flatMap((name, index) =>
    HOURS_OF_DAY.map((hour) => {
      const row = found.get((index + 1) * HOURS + hour);
      const detail = row ? `${span(row.listened_ms)}, ${counted(row.play_count, 'play')}` : 'no plays';
      return {
        isoWeekday: index + 1,
        hour,
        value: row?.listened_ms ?? 0,
        tip: `${name} ${hourText(hour)}: ${detail}`,
      };
    }),
  );
}

/** Return one bar per hour of the day. Every sixth hour is named, as in the grid above. */
function hourBars(played: Hours): Bar[] {
  return HOURS_OF_DAY.map((hour) => {
    const plays = played.reduce((sum, row) => sum + (row.hour === hour ? row.play_count : 0), 0);
    const label = hour % 6 === 0 ? hourText(hour) : '';
    return { label, value: plays, tip: `${hourText(hour)}: ${counted(plays, 'play')}` };
  });
}

function picture(played: Hours) {
  const hours = weekHours(played);
  const total = played.reduce((sum, { listened_ms }) => sum + listened_ms, 0);
  const most = hours.reduce((best, each) => (each.value > best.value ? each : best));
  const busiest = `Busiest hour: ${most.tip}, ${share(most.value / total)} of all listening`;
  const ofDay = hourBars(played);
  return (
    <>
      <Figure
        title="Hours of the week, all time"
        description={total > 0 ? busiest : 'No play lengths are known yet'}
        table={{
          head: ['Hour', ...WEEKDAYS],
          rows: HOURS_OF_DAY.map((hour) => [
            hourText(hour),
            ...WEEKDAYS.map((_, day) => span(hours[day * HOURS + hour]?.value ?? 0)),
          ]),
        }}
      >
        <WeekGrid hours={hours} />
        <HeatLegend />
      </Figure>
      <Chart
        title="Hours of the day"
        description="Plays that ended in this hour, on any day"
        wide={{ width: 520, height: 200, ...bars(ofDay) }}
        narrow={{ width: 350, height: 180, ...bars(ofDay) }}
        table={{
          head: ['Hour', 'Plays'],
          rows: ofDay.map(({ value }, hour) => [hourText(hour), count(value)]),
        }}
      />
    </>
  );
}

export default panel({
  title: 'Around the clock',
  about: 'When in the week the music plays, in local time.',
  order: 24,
  width: 'half',
  empty: 'No plays yet.',
  query,
  isEmpty: (played) => played.length === 0,
  picture,
});
