/** The only access to the database: a small pool, read-only snapshots, and a time limit on every step. */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from '@/generated/database';
import { Semaphore } from '@/lib/semaphore';
import { settings } from '@/lib/settings';

export type Reader = Transaction<Database>;

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Slightly longer than the server's own limit, for a server that no longer answers. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
const IDLE_MS = 30_000;

/** By default node-postgres parses a DATE as local midnight, and returns bigint and numeric as strings. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.DATE, (day) => day);
types.setTypeParser(pg.types.builtins.INT8, wholeNumber);
types.setTypeParser(pg.types.builtins.NUMERIC, Number);

/** Parse a bigint. Throws RangeError when a JavaScript number cannot represent it exactly. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is too large to be shown exactly`);
  return number;
}

function connect(): Kysely<Database> {
  const pool = new pg.Pool({
    connectionString: settings().DASHBOARD_DATABASE_URL,
    application_name: 'dashboard',
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  // An 'error' event without a handler ends the process. The pool replaces the broken connection.
  pool.on('error', (error) => console.error(`An idle database connection broke: ${error.message}`));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

interface Shared {
  dashboard?: { database: Kysely<Database>; turns: Semaphore };
}

/** On globalThis, because each route's bundle has its own copy of this module and all must share one pool. */
const shared = globalThis as Shared;

/**
 * Run `work` on one connection, in one read-only snapshot: all its queries see the same published load.
 *
 * When all connections are in use, `work` waits for its turn. The pool itself would give up after its connect timeout.
 */
export function readSnapshot<T>(work: (db: Reader) => Promise<T>): Promise<T> {
  shared.dashboard ??= { database: connect(), turns: new Semaphore(POOL_SIZE) };
  const { database, turns } = shared.dashboard;
  const transaction = database.transaction().setAccessMode('read only').setIsolationLevel('repeatable read');
  return turns.run(() => transaction.execute(work));
}

/**
 * Run `query` so that its failure leaves the snapshot readable for the queries after it. The savepoint stays until the next one
 * hides it, or the transaction ends: releasing it would be one more statement for each panel.
 */
export async function isolated<T>(db: Reader, query: (db: Reader) => Promise<T>): Promise<T> {
  await sql`savepoint isolated`.execute(db);
  try {
    return await query(db);
  } catch (error) {
    // If this fails too, the connection is lost. The next query reports that.
    await sql`rollback to savepoint isolated`.execute(db).catch(() => undefined);
    throw error;
  }
}

/** Close the pool, so that a test can drop its database. */
export async function closeDatabase(): Promise<void> {
  await shared.dashboard?.database.destroy();
  delete shared.dashboard;
}
