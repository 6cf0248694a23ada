/** The hours of the week, by how much was heard in them. */
import { type Bar, bars } from '@/charts/bars';
import { WEEKDAYS, type WeekHour } from '@/charts/week';
import { WeekGrid } from '@/components/drawings/WeekGrid';
import { Chart } from '@/components/figure/Chart';
import { Figure } from '@/components/figure/Figure';
import { HeatLegend } from '@/components/figure/HeatLegend';
import type { Reader } from '@/lib/database';
import { count, counted, share, span } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

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

type Heard = Awaited<ReturnType<typeof query>>;

const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** All 168 hours: one without a play is an hour in which nothing was heard. */
function weekHours(heard: Heard): WeekHour[] {
  const found = new Map(heard.map((row) => [row.iso_weekday * 24 + row.hour, row]));
  return WEEKDAYS.flatMap((name, index) =>
    HOURS.map((hour) => {
      const row = found.get((index + 1) * 24 + hour);
      const said = row ? `${span(row.listened_ms)}, ${counted(row.play_count, 'play')}` : 'no play';
      return {
        isoWeekday: index + 1,
        hour,
        value: row?.listened_ms ?? 0,
        tip: `${name} ${hourText(hour)}: ${said}`,
      };
    }),
  );
}

/** Every sixth hour is named, as in the grid above. */
function hourBars(heard: Heard): Bar[] {
  return HOURS.map((hour) => {
    const plays = heard.reduce((sum, row) => sum + (row.hour === hour ? row.play_count : 0), 0);
    const label = hour % 6 === 0 ? hourText(hour) : '';
    return { label, value: plays, tip: `${hourText(hour)}: ${counted(plays, 'play')}` };
  });
}

function picture(heard: Heard) {
  const hours = weekHours(heard);
  const total = heard.reduce((sum, { listened_ms }) => sum + listened_ms, 0);
  const most = hours.reduce((best, each) => (each.value > best.value ? each : best));
  const busiest = total > 0 ? `${most.tip}, ${share(most.value / total)} of all` : 'No length is known yet';
  const ofDay = hourBars(heard);
  return (
    <>
      <Figure
        title="Hours of the week, all time"
        description={`${total > 0 ? 'Most on ' : ''}${busiest}`}
        table={{
          head: ['Hour', ...WEEKDAYS],
          rows: HOURS.map((hour) => [
            hourText(hour),
            ...WEEKDAYS.map((_, day) => span(hours[day * 24 + hour]?.value ?? 0)),
          ]),
        }}
      >
        <WeekGrid hours={hours} />
        <HeatLegend />
      </Figure>
      <Chart
        title="Hours of the day"
        description="Plays that ended in the hour, on any day"
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
  about: "When in the week the music plays, by the listener's own clock.",
  order: 24,
  width: 'half',
  empty: 'No hour has a counted play yet.',
  query,
  isEmpty: (heard) => heard.length === 0,
  picture,
});
