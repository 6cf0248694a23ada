/** The artists with the longest streaks, and all their streaks over time. */
import { sql } from 'kysely';
import { type Run, StreakTimeline } from '@/components/drawings/StreakTimeline';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';

const ARTISTS = 13;

/** Every streak of the artists whose best one is longest; on a tie the one with more plays, then the earlier. */
async function query(db: Reader, { listener }: View) {
  const streaks = await db
    .with('best', (best) =>
      best
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
        .selectFrom('best')
        .select([
          'artist_id',
          'started_on as best_started_on',
          sql<number>`row_number() over (order by day_count desc, play_count desc, started_on, artist_id)`.as(
            'place',
          ),
        ])
        .orderBy('place')
        .limit(ARTISTS),
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
      sql<boolean>`streak.started_on = ranked.best_started_on`.as('is_best'),
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
    runs: streaks.map(
      (streak): Run => ({
        from: streak.started_on,
        to: streak.ended_on,
        dayCount: streak.day_count,
        playCount: streak.play_count,
        isBest: streak.is_best,
      }),
    ),
  }));
  return <StreakTimeline artists={rows} />;
}

export default panel({
  title: 'Artist streaks',
  about: 'Runs of two days or more, each with a play of the same artist.',
  order: 30,
  width: 'half',
  empty: 'No artist was played on two days running yet.',
  query,
  isEmpty: (artists) => artists.length === 0,
  picture,
});
