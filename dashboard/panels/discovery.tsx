/** Tracks and artists played for the first time, by month. */
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

function summary(row: Months[number] | undefined): string {
  if (!row) return 'no plays';
  const part = share(row.plays_of_new_tracks / row.play_count);
  return `${counted(row.new_track_count, 'new track')}, ${counted(row.new_artist_count, 'new artist')}, ${part} of plays`;
}

function picture(rows: Months) {
  const byMonth = new Map(rows.map((row) => [row.month, row]));
  const months = eachMonth(rows[0]?.month ?? '', rows.at(-1)?.month ?? '');
  const tracks = rows.reduce((sum, { new_track_count }) => sum + new_track_count, 0);
  const artists = rows.reduce((sum, { new_artist_count }) => sum + new_artist_count, 0);
  return (
    <MonthChart
      title="New tracks by month"
      description={`${counted(tracks, 'track')} and ${counted(artists, 'artist')} in ${counted(rows.length, 'month')}. In the first month, everything is new.`}
      months={months.map((month) => ({
        month,
        value: byMonth.get(month)?.new_track_count ?? 0,
        detail: summary(byMonth.get(month)),
      }))}
      width="whole"
      table={{
        head: ['Month', 'New tracks', 'New artists', 'Plays', 'Plays of new tracks'],
        rows: rows.map((row) => [
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
  about: 'Tracks and artists played for the first time. Plays from before the first month shown are unknown.',
  order: 60,
  width: 'whole',
  empty: 'No plays yet.',
  query,
  isEmpty: (months) => months.length === 0,
  picture,
});
