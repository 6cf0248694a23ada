/** How long sessions last, with the latest and the longest ones. */
import { sql } from 'kysely';
import { type Bar, bars } from '@/charts/bars';
import { Chart } from '@/components/figure/Chart';
import { SessionList } from '@/components/lists/SessionList';
import type { Reader } from '@/lib/database';
import { count, counted, MINUTE_MS, share, span } from '@/lib/format';
import { panel, type View } from '@/lib/panel';
import styles from './listening_session.module.css';

const LISTED = 6;
/** Length classes with their upper bounds in minutes. A session of exactly that length is in the next class. */
const LENGTHS = [
  { below: 15, label: '< 15 min' },
  { below: 30, label: '15-30 min' },
  { below: 60, label: '30-60 min' },
  { below: 120, label: '1-2 h' },
  { below: 180, label: '2-3 h' },
  { below: 240, label: '3-4 h' },
  { below: Number.POSITIVE_INFINITY, label: '4+ h' },
];

async function query(db: Reader, { listener }: View) {
  const length = sql<number>`(extract(epoch from ended_at - started_at) * 1000)::bigint`;
  const bounds = LENGTHS.map(({ below }) => below * MINUTE_MS).filter(Number.isFinite);
  const sessions = db.selectFrom('mart.listening_session').where('listener_id', '=', listener.id);
  const listed = sessions.select([
    'started_at',
    length.as('length_ms'),
    'play_count',
    'artist_count',
    'skip_count',
  ]);
  const lengths = await sessions
    .select([
      sql<number>`width_bucket(${length}, ${sql.val(bounds)}::bigint[])`.as('length_class'),
      ({ fn }) => fn.countAll<number>().as('session_count'),
    ])
    .groupBy('length_class')
    .execute();
  const latest = await listed.orderBy('started_at', 'desc').limit(LISTED).execute();
  const longest = await listed.orderBy('length_ms', 'desc').orderBy('started_at').limit(LISTED).execute();
  return { lengths, latest, longest };
}

type Data = Awaited<ReturnType<typeof query>>;

function lengthBars(lengths: Data['lengths'], total: number): Bar[] {
  return LENGTHS.map(({ label }, index) => {
    const sessions = lengths.find(({ length_class }) => length_class === index)?.session_count ?? 0;
    const tip = `${label}: ${counted(sessions, 'session')}, ${share(sessions / total)}`;
    return { label, value: sessions, mark: count(sessions), tip };
  });
}

/** On a phone, labels on one line would overlap. */
const onTwoLines = (bar: Bar): Bar => ({ ...bar, label: bar.label.replace(/ (?=min|h)/, '\n') });

function picture({ lengths, latest, longest }: Data, { listener }: View) {
  const total = lengths.reduce((sum, { session_count }) => sum + session_count, 0);
  const data = lengthBars(lengths, total);
  const longestMs = longest[0]?.length_ms ?? 0;
  return (
    <>
      <Chart
        title="Sessions by length"
        description={`${counted(total, 'session')}. The longest lasted ${span(longestMs)}.`}
        wide={{ width: 520, height: 240, ...bars(data) }}
        narrow={{ width: 340, height: 190, ...bars(data.map(onTwoLines)) }}
        table={{
          head: ['Length', 'Sessions'],
          rows: data.map(({ label, mark = '' }) => [label, mark]),
        }}
      />
      <div className={styles.lists}>
        <SessionList title="Latest" sessions={latest} longestMs={longestMs} timeZone={listener.timeZone} />
        <SessionList title="Longest" sessions={longest} longestMs={longestMs} timeZone={listener.timeZone} />
      </div>
    </>
  );
}

export default panel({
  title: 'Sessions',
  about: 'Plays without a break over 30 minutes between them. Short and skipped plays are included.',
  order: 40,
  width: 'half',
  empty: 'No sessions yet.',
  query,
  isEmpty: ({ latest }) => latest.length === 0,
  picture,
});
