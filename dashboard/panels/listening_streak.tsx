/** The longest streaks of days with a play, and the latest one. */
import { sql } from 'kysely';
import { ShareBar } from '@/components/drawings/ShareBar';
import { StreakList } from '@/components/lists/StreakList';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';

const LISTED = 4;

async function query(db: Reader, { listener }: View) {
  const streaks = db.selectFrom('mart.listening_streak').where('listener_id', '=', listener.id);
  const listed = streaks.select(['started_on', 'ended_on', 'day_count', 'play_count']);
  const lengths = await streaks
    .select(({ fn }) => [
      fn.countAll<number>().filterWhere('day_count', '=', 1).as('single'),
      fn.countAll<number>().filterWhere(sql<boolean>`day_count between 2 and 6`).as('days'),
      fn.countAll<number>().filterWhere(sql<boolean>`day_count between 7 and 29`).as('weeks'),
      fn.countAll<number>().filterWhere('day_count', '>=', 30).as('months'),
    ])
    .executeTakeFirstOrThrow();
  const longest = await listed.orderBy('day_count', 'desc').orderBy('started_on').limit(LISTED).execute();
  const latest = await listed.orderBy('started_on', 'desc').limit(1).execute();
  return { lengths, longest, latest };
}

type Data = Awaited<ReturnType<typeof query>>;

function picture({ lengths, longest, latest }: Data) {
  const longestDays = longest[0]?.day_count ?? 1;
  return (
    <>
      <ShareBar
        title="Streaks by length"
        parts={[
          { name: '30 days or more', count: lengths.months, color: 'var(--heat-5)' },
          { name: '7 to 29 days', count: lengths.weeks, color: 'var(--heat-4)' },
          { name: '2 to 6 days', count: lengths.days, color: 'var(--heat-2)' },
          { name: '1 day', count: lengths.single, color: 'var(--line-strong)' },
        ]}
      />
      <StreakList title="Latest" streaks={latest} longestDays={longestDays} />
      <StreakList title="Longest" streaks={longest} longestDays={longestDays} />
    </>
  );
}

export default panel({
  title: 'Days in a row',
  about: 'Days in a row with at least one play.',
  order: 26,
  width: 'half',
  empty: 'No plays yet.',
  query,
  isEmpty: ({ longest }) => longest.length === 0,
  picture,
});
