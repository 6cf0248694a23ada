/** How popular the played tracks are on Spotify. */
import { type Bar, bars } from '@/charts/bars';
import { Chart } from '@/components/figure/Chart';
import { Note } from '@/components/panel/states';
import type { Reader } from '@/lib/database';
import { count, counted, share, UNKNOWN } from '@/lib/format';
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
  const knownPlays = counted(known, 'play');
  return unknown > 0 ? `${knownPlays}. For ${count(unknown)} more, the popularity is unknown.` : knownPlays;
}

function picture(brackets: Brackets) {
  const unknown = playsOf(brackets, UNKNOWN_BRACKET);
  const known = brackets.reduce((sum, { play_count }) => sum + play_count, 0) - unknown;
  if (known === 0) return <Note>The popularity of these tracks is unknown.</Note>;
  const data = BRACKETS.map((bracket): Bar => {
    const plays = playsOf(brackets, bracket);
    const part = share(plays / known);
    return {
      label: rangeText(bracket),
      value: plays,
      mark: part,
      tip: `${rangeText(bracket)}: ${counted(plays, 'play')}, ${part}`,
    };
  });
  // A phone has room only for the lower bound.
  const narrow = data.map((bar) => ({ ...bar, label: bar.label.replace(/-.*/, '') }));
  return (
    <Chart
      title="Plays by popularity, all time"
      description={description(known, unknown)}
      wide={{ width: 520, height: 240, ...bars(data) }}
      narrow={{ width: 340, height: 190, ...bars(narrow) }}
      table={{
        head: ['Popularity', 'Plays'],
        rows: [...data.map(({ label, value }) => [label, count(value)]), [UNKNOWN, count(unknown)]],
      }}
    />
  );
}

export default panel({
  title: 'Hits or rarities',
  about: 'How popular the tracks are on Spotify: 0 is rare, 100 is a hit.',
  order: 64,
  width: 'half',
  empty: 'No plays yet.',
  query,
  isEmpty: (brackets) => brackets.length === 0,
  picture,
});
