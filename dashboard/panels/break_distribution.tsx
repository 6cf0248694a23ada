/** How long the pauses between plays are, all time and month by month. */

import { ShareBar } from '@/components/drawings/ShareBar';
import { MonthChart } from '@/components/figure/MonthChart';
import type { Reader } from '@/lib/database';
import { eachMonth } from '@/lib/days';
import { count, counted, month as monthText, share } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.break_distribution')
    .select(['month', 'break_class', 'break_count', 'share'])
    .where('listener_id', '=', listener.id)
    .orderBy('month')
    .execute();
}

type Breaks = Awaited<ReturnType<typeof query>>;

const CLASSES = [
  { name: 'continuous', said: 'under 5 minutes', color: 'var(--heat-4)' },
  { name: 'short', said: '5 minutes to an hour', color: 'var(--heat-2)' },
  { name: 'long', said: 'an hour or more', color: 'var(--line-strong)' },
];

function picture(breaks: Breaks) {
  const months = eachMonth(breaks[0]?.month ?? '', breaks.at(-1)?.month ?? '').map((month) => {
    const row = (name: string) => breaks.find((each) => each.month === month && each.break_class === name);
    const total = breaks.reduce((sum, each) => sum + (each.month === month ? each.break_count : 0), 0);
    return {
      month,
      total,
      continuous: row('continuous')?.share ?? 0,
      counts: CLASSES.map(({ name }) => row(name)?.break_count ?? 0),
    };
  });
  return (
    <>
      <ShareBar
        title="Pauses, all time"
        parts={CLASSES.map(({ name, said, color }) => ({
          name: said,
          count: breaks.reduce((sum, each) => sum + (each.break_class === name ? each.break_count : 0), 0),
          color,
        }))}
      />
      <MonthChart
        title="Listened on without a pause"
        description="Pauses under 5 minutes of all pauses of the month"
        months={months.map(({ month, total, continuous }) => ({
          month,
          value: continuous * 100,
          said: total > 0 ? `${share(continuous)} of ${counted(total, 'pause')}` : 'no pause',
        }))}
        unit=" %"
        width="half"
        table={{
          head: ['Month', ...CLASSES.map(({ said }) => said)],
          rows: months.map(({ month, counts }) => [monthText(month), ...counts.map(count)]),
        }}
      />
    </>
  );
}

export default panel({
  title: 'Pauses',
  about: 'From the end of what was heard before to the start of each play; the first play has none.',
  order: 62,
  width: 'half',
  empty: 'No pause yet: it takes two counted plays.',
  query,
  isEmpty: (breaks) => breaks.length === 0,
  picture,
});
