/** The longest runs of days with a play, and the latest one. */
import { sql } from 'kysely';
import { ShareBar } from '@/components/drawings/ShareBar';
import { StreakList } from '@/components/lists/StreakList';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';

const LISTED = 4;

async function query(db: Reader, { listener }: View) {
  const runs = db.selectFrom('mart.listening_streak').where('listener_id', '=', listener.id);
  const listed = runs.select(['started_on', 'ended_on', 'day_count', 'play_count']);
  const lengths = await runs
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
  const most = longest[0]?.day_count ?? 1;
  return (
    <>
      <ShareBar
        title="How long they last"
        parts={[
          { name: 'of 30 days or more', count: lengths.months, color: 'var(--heat-5)' },
          { name: 'of 7 to 29', count: lengths.weeks, color: 'var(--heat-4)' },
          { name: 'of 2 to 6', count: lengths.days, color: 'var(--heat-2)' },
          { name: 'of one day', count: lengths.single, color: 'var(--line-strong)' },
        ]}
      />
      <StreakList title="Latest" runs={latest} most={most} />
      <StreakList title="Longest" runs={longest} most={most} />
    </>
  );
}

export default panel({
  title: 'Days in a row',
  about: 'Runs of days with at least one play, whatever was played.',
  order: 26,
  width: 'half',
  empty: 'No day has a counted play yet.',
  query,
  isEmpty: ({ longest }) => longest.length === 0,
  picture,
});
