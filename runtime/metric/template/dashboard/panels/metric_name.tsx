/** Plays and time listened by month. */
import { MonthChart } from '@/components/figure/MonthChart';
import type { Reader } from '@/lib/database';
import { eachMonth } from '@/lib/days';
import { count, counted, month as monthText, span } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.metric_name')
    .select(['month', 'play_count', 'listened_ms'])
    .where('listener_id', '=', listener.id)
    .orderBy('month')
    .execute();
}

type Months = Awaited<ReturnType<typeof query>>;

function summary(row: Months[number] | undefined): string {
  return row ? `${counted(row.play_count, 'play')}, ${span(row.listened_ms)}` : 'no plays';
}

function picture(rows: Months) {
  const byMonth = new Map(rows.map((row) => [row.month, row]));
  const months = eachMonth(rows[0]?.month ?? '', rows.at(-1)?.month ?? '');
  return (
    <MonthChart
      title="Plays by month"
      description={`${counted(rows.length, 'month')} with a play`}
      months={months.map((month) => ({
        month,
        value: byMonth.get(month)?.play_count ?? 0,
        detail: summary(byMonth.get(month)),
      }))}
      width="half"
      table={{
        head: ['Month', 'Plays', 'Listened'],
        rows: rows.map((row) => [monthText(row.month), count(row.play_count), span(row.listened_ms)]),
      }}
    />
  );
}

export default panel({
  title: 'Metric title',
  about: 'Plays and time listened in each month.',
  order: 80,
  width: 'half',
  empty: 'No plays yet.',
  query,
  isEmpty: (months) => months.length === 0,
  picture,
});
