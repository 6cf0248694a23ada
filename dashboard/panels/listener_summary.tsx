/** The totals of all time, and the last year as a record. */
import { sql } from 'kysely';
import { Disc } from '@/components/drawings/Disc';
import type { Reader } from '@/lib/database';
import { YEAR_DAYS } from '@/lib/days';
import { count, counted, day, hours, momentDay, span, weekday } from '@/lib/format';
import { panel, type View } from '@/lib/panel';
import styles from './listener_summary.module.css';

async function query(db: Reader, { listener }: View) {
  const summary = await db
    .selectFrom('mart.listener_summary')
    .selectAll()
    .where('listener_id', '=', listener.id)
    .executeTakeFirst();
  const daily = await db
    .selectFrom('mart.daily_listening')
    .select(['played_on', 'listened_ms'])
    .where('listener_id', '=', listener.id)
    .where(
      'played_on',
      '>',
      sql<string>`(select max(played_on) - ${sql.lit(YEAR_DAYS)} from mart.daily_listening where listener_id = ${listener.id})`,
    )
    .orderBy('played_on')
    .execute();
  return { summary, daily };
}

type Data = Awaited<ReturnType<typeof query>>;

function picture({ summary, daily }: Data, { listener }: View) {
  if (!summary) return null;
  const figures = [
    ['Time listened', hours(summary.listened_ms)],
    ['Days with a play', count(summary.day_count)],
    ['Tracks', count(summary.track_count)],
    ['Artists', count(summary.artist_count)],
    ['Albums', count(summary.album_count)],
  ] as const;
  const records = [
    ['Longest streak', counted(summary.longest_streak_days, 'day'), 'in a row with a play'],
    ['Longest session', span(summary.longest_session_ms), 'without a break over 30 minutes'],
    ['Busiest day', day(summary.busiest_day), weekday(summary.busiest_day)],
  ] as const;
  return (
    <div className={styles.hero}>
      <div className={styles.total}>
        <p className={styles.count} data-testid="play-count" data-value={summary.play_count}>
          {count(summary.play_count)}
        </p>
        <p className={styles.unit}>{summary.play_count === 1 ? 'play' : 'plays'}, all time</p>
        <p className={styles.range}>
          First play on {momentDay(summary.first_played_at, listener.timeZone)}, last on{' '}
          {momentDay(summary.last_played_at, listener.timeZone)}
        </p>
      </div>
      <Disc days={daily.map(({ played_on, listened_ms }) => ({ day: played_on, ms: listened_ms }))} />
      <dl className={styles.figures}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <dl className={styles.records}>
        {records.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value} <small>{note}</small>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export default panel({
  title: 'All time',
  about: 'A play counts after 30 seconds. Private plays count only if the listener wants them to.',
  order: 10,
  width: 'whole',
  empty: 'No plays yet. They appear here after the next update.',
  query,
  isEmpty: ({ summary }) => summary === undefined,
  picture,
});
