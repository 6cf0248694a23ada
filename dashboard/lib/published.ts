/** What the page shows: which database, which load, when it was published and what its gate said. */
import { sql } from 'kysely';
import type { Reader } from '@/lib/database';

export interface Published {
  database: string;
  load: { id: number; publishedAt: Date | null; checksPassed: number; checksWarned: number } | null;
}

export async function published(db: Reader): Promise<Published> {
  const database = await sql<{ name: string }>`select current_database() as name`.execute(db);
  const load = await db
    .selectFrom('audit.load')
    .select(['load_id', 'finished_at'])
    .where('status', '=', 'published')
    .orderBy('load_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    database: database.rows[0]?.name ?? '',
    load: load
      ? { id: load.load_id, publishedAt: load.finished_at, ...(await gate(db, load.load_id)) }
      : null,
  };
}

async function gate(db: Reader, loadId: number) {
  const { passed, warned } = await db
    .selectFrom('audit.check_result')
    .select(({ fn }) => [
      fn.countAll<number>().filterWhere('outcome', '=', 'pass').as('passed'),
      fn.countAll<number>().filterWhere('outcome', '=', 'warn').as('warned'),
    ])
    .where('load_id', '=', loadId)
    .executeTakeFirstOrThrow();
  return { checksPassed: passed, checksWarned: warned };
}
