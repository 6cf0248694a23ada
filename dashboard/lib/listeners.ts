/** The listeners: the menu, and the one whose page is shown. */
import { sql } from 'kysely';
import type { Reader } from '@/lib/database';
import { shownZone } from '@/lib/format';

/** A longer menu is hard to use. Any listener can still be named in the URL. */
const MENU_LENGTH = 100;

export interface Listener {
  id: string;
  name: string;
  timeZone: string;
  isSimulated: boolean;
  playCount: number;
}

/** Real listeners before simulated ones, most plays first. The first one is shown by default. */
function listenersByPlays(db: Reader) {
  return db
    .selectFrom('core.dim_listener as listener')
    .leftJoin('mart.listener_summary as summary', 'summary.listener_id', 'listener.listener_id')
    .select([
      'listener.listener_id',
      'listener.display_name',
      'listener.time_zone',
      'listener.is_simulated',
      sql<number>`coalesce(summary.play_count, 0)`.as('play_count'), // No counted play means no summary.
    ])
    .orderBy('listener.is_simulated')
    .orderBy(sql`summary.play_count desc nulls last`)
    .orderBy('listener.listener_id');
}

type Row = Awaited<ReturnType<ReturnType<typeof listenersByPlays>['execute']>>[number];

function toListener(row: Row): Listener {
  return {
    id: row.listener_id,
    name: row.display_name ?? row.listener_id,
    timeZone: shownZone(row.time_zone),
    isSimulated: row.is_simulated,
    playCount: row.play_count,
  };
}

export async function listenerMenu(db: Reader): Promise<Listener[]> {
  const rows = await listenersByPlays(db).limit(MENU_LENGTH).execute();
  return rows.map(toListener);
}

export async function findListener(db: Reader, id: string): Promise<Listener | null> {
  const row = await listenersByPlays(db).where('listener.listener_id', '=', id).executeTakeFirst();
  return row ? toListener(row) : null;
}
