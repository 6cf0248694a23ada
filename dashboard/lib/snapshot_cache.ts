/** Cache of what was read from the newest snapshot of the database. Equal snapshots see the same rows, so their pages share it. */
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Reader } from '@/lib/database';
import { forgetPages, listenersWithPages } from '@/lib/page_cache';
import { forgetPictures, KEEP_MS, listenersWithPictures } from '@/lib/picture_cache';

const MAX_ENTRIES = 5_000;

const entries = new LRUCache<string, object>({ max: MAX_ENTRIES, ttl: KEEP_MS, ttlAutopurge: true });
let newest = '';

/** A snapshot, and what was read from it. */
export interface Snapshot {
  /** Return what was kept under the key. */
  find: <T extends object>(key: unknown[]) => T | undefined;
  /** Keep a value, unless the snapshot is no longer the newest. Different types of values need different keys. */
  keep: (key: unknown[], value: object) => void;
}

/** Return the snapshot of the transaction. If it is a new one, forget the last one, and the pictures and pages of deleted listeners. */
export async function enterSnapshot(db: Reader): Promise<Snapshot> {
  const name = await snapshotName(db);
  if (name !== newest) await forgetDeletedListeners(db); // First, so that the next page tries again if this fails.
  if (name !== newest) {
    newest = name;
    entries.clear();
  }
  return {
    find: <T extends object>(key: unknown[]) =>
      name === newest ? (entries.get(JSON.stringify(key)) as T | undefined) : undefined,
    keep: (key, value) => void (name === newest && entries.set(JSON.stringify(key), value)),
  };
}

/**
 * Return the name of the snapshot. Every commit on the server changes it, in whatever table or database it wrote. The start of
 * the server is part of it, because another server, or one restored from a backup, can use the same transaction numbers again.
 */
async function snapshotName(db: Reader): Promise<string> {
  const name = sql<string>`concat_ws(' ', current_database(), pg_postmaster_start_time(), pg_current_snapshot())`;
  return (await db.selectNoFrom(name.as('name')).executeTakeFirstOrThrow()).name;
}

async function forgetDeletedListeners(db: Reader): Promise<void> {
  const remembered = [...new Set([...listenersWithPictures(), ...listenersWithPages()])];
  if (remembered.length === 0) return;
  const query = db
    .selectFrom('core.dim_listener')
    .select('listener_id')
    .where('listener_id', 'in', remembered);
  const present = new Set((await query.execute()).map(({ listener_id }) => listener_id));
  for (const listener of remembered)
    if (!present.has(listener)) {
      forgetPictures(listener);
      forgetPages(listener);
    }
}
