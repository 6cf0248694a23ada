/** The artists with the longest streaks, with all their streaks on a time line. */
import { sql } from 'kysely';
import { type Streak, StreakTimeline } from '@/components/drawings/StreakTimeline';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';

const ARTIST_LIMIT = 13;

/** Read all streaks of the artists with the longest ones. A tie goes to more plays, then to the earlier start. */
async function query(db: Reader, { listener }: View) {
  const streaks = await db
    .with('longest', (longest) =>
      longest
        .selectFrom('mart.artist_streak')
        .distinctOn('artist_id')
        .select(['artist_id', 'day_count', 'play_count', 'started_on'])
        .where('listener_id', '=', listener.id)
        .orderBy('artist_id')
        .orderBy('day_count', 'desc')
        .orderBy('play_count', 'desc')
        .orderBy('started_on'),
    )
    .with('ranked', (ranked) =>
      ranked
        .selectFrom('longest')
        .select([
          'artist_id',
          'started_on as longest_started_on',
          sql<number>`row_number() over (order by day_count desc, play_count desc, started_on, artist_id)`.as(
            'place',
          ),
        ])
        .orderBy('place')
        .limit(ARTIST_LIMIT),
    )
    .selectFrom('ranked')
    .innerJoin('mart.artist_streak as streak', 'streak.artist_id', 'ranked.artist_id')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'ranked.artist_id')
    .select([
      'ranked.artist_id',
      'artist.name',
      'streak.started_on',
      'streak.ended_on',
      'streak.day_count',
      'streak.play_count',
      sql<boolean>`streak.started_on = ranked.longest_started_on`.as('is_longest'),
    ])
    .where('streak.listener_id', '=', listener.id)
    .orderBy('ranked.place')
    .orderBy('streak.started_on')
    .execute();
  return [...Map.groupBy(streaks, ({ artist_id }) => artist_id).values()];
}

type Artists = Awaited<ReturnType<typeof query>>;

function picture(artists: Artists) {
  const rows = artists.map((streaks) => ({
    id: streaks[0]?.artist_id ?? '',
    name: streaks[0]?.name ?? null,
    streaks: streaks.map(
      (streak): Streak => ({
        from: streak.started_on,
        to: streak.ended_on,
        dayCount: streak.day_count,
        playCount: streak.play_count,
        isLongest: streak.is_longest,
      }),
    ),
  }));
  return <StreakTimeline artists={rows} />;
}

export default panel({
  title: 'Artist streaks',
  about: 'Two or more days in a row with a play of the same artist.',
  order: 30,
  width: 'half',
  empty: 'No artist has been played two days in a row yet.',
  query,
  isEmpty: (artists) => artists.length === 0,
  picture,
});
