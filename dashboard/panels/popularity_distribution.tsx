/** How popular on Spotify the played tracks are. */
import { type Bar, bars } from '@/charts/bars';
import { Chart } from '@/components/figure/Chart';
import type { Reader } from '@/lib/database';
import { count, counted, share } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

const UNKNOWN_BRACKET = -1;
const BRACKETS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.popularity_distribution')
    .select(({ fn }) => ['popularity_bracket', fn.sum<number>('play_count').as('play_count')])
    .where('listener_id', '=', listener.id)
    .groupBy('popularity_bracket')
    .execute();
}

type Brackets = Awaited<ReturnType<typeof query>>;

const rangeText = (bracket: number): string => `${bracket * 10}-${bracket === 9 ? 100 : bracket * 10 + 9}`;

const playsOf = (brackets: Brackets, wanted: number): number =>
  brackets.find(({ popularity_bracket }) => popularity_bracket === wanted)?.play_count ?? 0;

function description(known: number, unknown: number): string {
  if (known === 0) return 'Spotify has not told the popularity of any of these tracks yet.';
  const of = `Of ${counted(known, 'play')} of tracks whose popularity is known`;
  return unknown > 0 ? `${of}; that of ${counted(unknown, 'more play')} is not` : of;
}

function picture(brackets: Brackets) {
  const unknown = playsOf(brackets, UNKNOWN_BRACKET);
  const known = brackets.reduce((sum, { play_count }) => sum + play_count, 0) - unknown;
  const data = BRACKETS.map((bracket): Bar => {
    const plays = playsOf(brackets, bracket);
    const part = known > 0 ? share(plays / known) : share(0);
    return {
      label: rangeText(bracket),
      value: plays,
      mark: part,
      tip: `${rangeText(bracket)}: ${counted(plays, 'play')}, ${part}`,
    };
  });
  /** On a phone there is room for the lower bound only. */
  const narrow = data.map((bar) => ({ ...bar, label: bar.label.replace(/-.*/, '') }));
  return (
    <Chart
      title="Plays by popularity, all time"
      description={description(known, unknown)}
      wide={{ width: 520, height: 240, ...bars(data) }}
      narrow={{ width: 340, height: 190, ...bars(narrow) }}
      table={{
        head: ['Popularity', 'Plays'],
        rows: [...data.map(({ label, value }) => [label, count(value)]), ['unknown', count(unknown)]],
      }}
    />
  );
}

export default panel({
  title: 'Hits or rarities',
  about: "Spotify's popularity of the tracks, from 0 to 100, as it was when the load ran.",
  order: 64,
  width: 'half',
  empty: 'No track has a counted play yet.',
  query,
  isEmpty: (brackets) => brackets.length === 0,
  picture,
});
