/** What was heard for the first time, month by month. */
import { MonthChart } from '@/components/figure/MonthChart';
import type { Reader } from '@/lib/database';
import { eachMonth } from '@/lib/days';
import { count, counted, month as monthText, share } from '@/lib/format';
import { panel, type View } from '@/lib/panel';

function query(db: Reader, { listener }: View) {
  return db
    .selectFrom('mart.discovery')
    .select(['month', 'new_track_count', 'new_artist_count', 'play_count', 'plays_of_new_tracks'])
    .where('listener_id', '=', listener.id)
    .orderBy('month')
    .execute();
}

type Months = Awaited<ReturnType<typeof query>>;

function said(row: Months[number] | undefined): string {
  if (!row) return 'no play';
  const part = share(row.plays_of_new_tracks / row.play_count);
  return `${counted(row.new_track_count, 'new track')}, ${counted(row.new_artist_count, 'new artist')}, ${part} of plays`;
}

function picture(found: Months) {
  const byMonth = new Map(found.map((row) => [row.month, row]));
  const months = eachMonth(found[0]?.month ?? '', found.at(-1)?.month ?? '');
  const tracks = found.reduce((sum, { new_track_count }) => sum + new_track_count, 0);
  const artists = found.reduce((sum, { new_artist_count }) => sum + new_artist_count, 0);
  return (
    <MonthChart
      title="New tracks by month"
      description={`${counted(tracks, 'track')} and ${counted(artists, 'artist')} in ${counted(found.length, 'month')} with a play; in the first of them everything is new`}
      months={months.map((month) => ({
        month,
        value: byMonth.get(month)?.new_track_count ?? 0,
        said: said(byMonth.get(month)),
      }))}
      width="whole"
      table={{
        head: ['Month', 'New tracks', 'New artists', 'Plays', 'Plays of new tracks'],
        rows: found.map((row) => [
          monthText(row.month),
          count(row.new_track_count),
          count(row.new_artist_count),
          count(row.play_count),
          count(row.plays_of_new_tracks),
        ]),
      }}
    />
  );
}

export default panel({
  title: 'Discoveries',
  about:
    'Tracks and artists in the month of their first play here; what was heard before the first record of it is not known.',
  order: 60,
  width: 'whole',
  empty: 'No month has a counted play yet.',
  query,
  isEmpty: (months) => months.length === 0,
  picture,
});
