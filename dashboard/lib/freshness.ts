/**
 * How fresh the page is: which database and which load it shows, whether the database is between two loads, and when the replica was
 * last verified.
 */
import { sql } from 'kysely';
import type { Reader } from '@/lib/database';

export interface Freshness {
  database: string;
  /** The newest published load, or null before the first one. */
  load: Load | null;
  /** Whether the database is between two loads, so that the numbers of two panels can differ. */
  isUpdating: boolean;
  /** The newest verification that could compare the replica with main, or null before the first one. */
  replica: ReplicaCheck | null;
}

export interface ReplicaCheck {
  isEqual: boolean;
  startedAt: Date;
}

export interface Load {
  id: number;
  publishedAt: Date | null;
  checksPassed: number;
  checksWarned: number;
}

export async function readFreshness(db: Reader, listenerId: string | undefined): Promise<Freshness> {
  const database = await sql<{ name: string }>`select current_database() as name`.execute(db);
  const load = await readLoad(db);
  return {
    database: database.rows[0]?.name ?? '',
    load,
    replica: await readReplicaCheck(db),
    isUpdating: listenerId !== undefined && (await isUpdating(db, listenerId, load?.id ?? 0)),
  };
}

async function readLoad(db: Reader): Promise<Load | null> {
  const load = await db
    .selectFrom('audit.load')
    .select(['load_id', 'finished_at'])
    .where('status', '=', 'published')
    .orderBy('load_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!load) return null;
  const { passed, warned } = await db
    .selectFrom('audit.check_result')
    .select(({ fn }) => [
      fn.countAll<number>().filterWhere('outcome', '=', 'pass').as('passed'),
      fn.countAll<number>().filterWhere('outcome', '=', 'warn').as('warned'),
    ])
    .where('load_id', '=', load.load_id)
    .executeTakeFirstOrThrow();
  return { id: load.load_id, publishedAt: load.finished_at, checksPassed: passed, checksWarned: warned };
}

async function readReplicaCheck(db: Reader): Promise<ReplicaCheck | null> {
  const check = await db
    .selectFrom('audit.replica_check')
    .select(['outcome', 'started_at'])
    .where('outcome', 'in', ['equal', 'different'])
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return check ? { isEqual: check.outcome === 'equal', startedAt: check.started_at } : null;
}

/**
 * Return whether the listener's tables come from different loads.
 *
 * Main publishes a load in one transaction, so there the answer is always false. The replica receives one table after
 * the other. Two signs show it and cost about a millisecond: a summary that is newer than the newest published load,
 * and totals of plays that differ between tables. Changes that keep every total can go unnoticed.
 */
async function isUpdating(db: Reader, listenerId: string, newestLoad: number): Promise<boolean> {
  const { rows } = await sql<{ updating: boolean }>`
    select coalesce(max(summary.load_id), 0) > ${newestLoad} or array[
      (select coalesce(sum(play_count), 0) from mart.daily_listening where listener_id = ${listenerId}),
      (select coalesce(sum(play_count), 0) from mart.discovery where listener_id = ${listenerId}),
      (select coalesce(sum(play_count), 0) from mart.popularity_distribution where listener_id = ${listenerId})
    ] <> array_fill(coalesce(max(summary.play_count), 0)::bigint, array[3]) as updating
    from mart.listener_summary as summary
    where summary.listener_id = ${listenerId}`.execute(db);
  return rows[0]?.updating ?? false;
}
