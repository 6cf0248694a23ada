/** How long the breaks between plays are, for all time and by month. */

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
  { name: 'continuous', label: 'under 5 minutes', color: 'var(--heat-4)' },
  { name: 'short', label: '5 minutes to an hour', color: 'var(--heat-2)' },
  { name: 'long', label: 'an hour or more', color: 'var(--line-strong)' },
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
        title="Breaks, all time"
        parts={CLASSES.map(({ name, label, color }) => ({
          name: label,
          count: breaks.reduce((sum, each) => sum + (each.break_class === name ? each.break_count : 0), 0),
          color,
        }))}
      />
      <MonthChart
        title="Listening without a break"
        description="Breaks under 5 minutes, as a share of all breaks in the month"
        months={months.map(({ month, total, continuous }) => ({
          month,
          value: continuous * 100,
          detail: total > 0 ? `${share(continuous)} of ${counted(total, 'break')}` : 'no breaks',
        }))}
        unit=" %"
        width="half"
        table={{
          head: ['Month', ...CLASSES.map(({ label }) => label)],
          rows: months.map(({ month, counts }) => [monthText(month), ...counts.map(count)]),
        }}
      />
    </>
  );
}

export default panel({
  title: 'Breaks',
  about: 'The time from the end of one play to the start of the next.',
  order: 62,
  width: 'half',
  empty: 'No breaks yet. The first one comes with the second play.',
  query,
  isEmpty: (breaks) => breaks.length === 0,
  picture,
});
