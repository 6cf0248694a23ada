/** The same plays split in several ways, and the release years of the albums. */
import { type Bar, bars } from '@/charts/bars';
import { ShareBar } from '@/components/drawings/ShareBar';
import { Chart } from '@/components/figure/Chart';
import { Note } from '@/components/panel/states';
import type { Reader } from '@/lib/database';
import { count, counted, share, UNKNOWN } from '@/lib/format';
import { panel, type View } from '@/lib/panel';
import styles from './listening_preference.module.css';

/** The buckets of each dimension, in the order shown. Every dimension can also have unknown plays. */
const DIMENSIONS = [
  { name: 'daypart', title: 'Part of the day', buckets: ['night', 'morning', 'afternoon', 'evening'] },
  { name: 'weekpart', title: 'Part of the week', buckets: ['weekday', 'weekend'] },
  {
    name: 'season',
    title: 'Season (northern hemisphere)',
    buckets: ['winter', 'spring', 'summer', 'autumn'],
  },
  { name: 'platform', title: 'Device', buckets: ['mobile', 'desktop', 'web', 'other'] },
  { name: 'duration', title: 'Track length', buckets: ['short', 'medium', 'long'] },
  { name: 'shuffle', title: 'Shuffle', buckets: ['on', 'off'] },
  { name: 'explicit', title: 'Explicit lyrics', buckets: ['explicit', 'clean'] },
];
const NAMES: Record<string, string> = {
  short: 'under 3 min',
  medium: '3 to 5 min',
  long: '5 min or more',
};
const COLORS = ['var(--heat-2)', 'var(--heat-3)', 'var(--heat-4)', 'var(--heat-5)'];

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.listening_preference')
    .select(({ fn }) => ['dimension', 'bucket', fn.sum<number>('play_count').as('play_count')])
    .where('listener_id', '=', listener.id)
    .groupBy(['dimension', 'bucket'])
    .execute();
}

type Buckets = Awaited<ReturnType<typeof query>>;

function playsOf(found: Buckets, dimension: string, bucket: string): number {
  return found.find((row) => row.dimension === dimension && row.bucket === bucket)?.play_count ?? 0;
}

function parts(found: Buckets, { name, buckets }: (typeof DIMENSIONS)[number]) {
  const known = buckets.map((bucket, index) => ({
    name: NAMES[bucket] ?? bucket,
    count: playsOf(found, name, bucket),
    color: COLORS[index] ?? 'var(--heat-1)',
  }));
  const unknown = playsOf(found, name, UNKNOWN);
  return unknown > 0 ? [...known, { name: UNKNOWN, count: unknown, color: 'var(--line-strong)' }] : known;
}

interface Year {
  year: number;
  plays: number;
}

/** Return every year from the oldest to the newest, so that gaps are visible. */
function years(found: Buckets): Year[] {
  const known = found.filter(({ dimension, bucket }) => dimension === 'release_year' && bucket !== UNKNOWN);
  const plays = new Map(known.map(({ bucket, play_count }) => [Number(bucket), play_count]));
  const first = Math.min(...plays.keys());
  const length = plays.size > 0 ? Math.max(...plays.keys()) - first + 1 : 0;
  return Array.from({ length }, (_, index) => ({
    year: first + index,
    plays: plays.get(first + index) ?? 0,
  }));
}

/** Return one bar per year. Only decades are named, unless there are few years. */
function yearBars(found: Year[]): Bar[] {
  return found.map(({ year, plays }) => ({
    label: year % 10 === 0 || found.length < 12 ? String(year) : '',
    value: plays,
    tip: `${year}: ${counted(plays, 'play')}`,
  }));
}

function ReleaseYears({ found }: { found: Buckets }) {
  const all = years(found);
  const unknown = playsOf(found, 'release_year', UNKNOWN);
  const known = all.reduce((sum, { plays }) => sum + plays, 0);
  if (all.length === 0) return <Note>No release years are known yet.</Note>;
  return (
    <Chart
      title="Album release year"
      description={`Known for ${share(known / (known + unknown))} of ${counted(known + unknown, 'play')}`}
      wide={{ width: 1140, height: 200, ...bars(yearBars(all)) }}
      narrow={{ width: 350, height: 180, ...bars(yearBars(all)) }}
      table={{
        head: ['Year', 'Plays'],
        rows: [...all.map(({ year, plays }) => [String(year), count(plays)]), [UNKNOWN, count(unknown)]],
      }}
    />
  );
}

function picture(found: Buckets) {
  return (
    <>
      <div className={styles.dimensions}>
        {DIMENSIONS.map((dimension) => (
          <ShareBar key={dimension.name} title={dimension.title} parts={parts(found, dimension)} />
        ))}
      </div>
      <ReleaseYears found={found} />
    </>
  );
}

export default panel({
  title: 'Habits',
  about: 'The same plays, split in several ways.',
  order: 70,
  width: 'whole',
  empty: 'No plays yet.',
  query,
  isEmpty: (found) => found.length === 0,
  picture,
});
