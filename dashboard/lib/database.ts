/** The one way to the database: a small pool, read-only transactions, time limits everywhere. */
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from '@/generated/database';
import { settings } from '@/lib/settings';

export type Reader = Transaction<Database>;

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** A little longer than the server's own limit: for a server that no longer answers at all. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
const IDLE_MS = 30_000;

/** node-postgres would make a DATE a local midnight, and a bigint or numeric a string. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.DATE, (day) => day);
types.setTypeParser(pg.types.builtins.INT8, wholeNumber);
types.setTypeParser(pg.types.builtins.NUMERIC, Number);

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
  // Without a listener a connection that breaks while idle ends the process; the pool replaces it by itself.
  pool.on('error', (error) => console.error(`An idle database connection broke: ${error.message}`));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** On globalThis: each route's bundle has its own copy of this module, and all share the pool. */
const shared = globalThis as { dashboardDatabase?: Kysely<Database> };

/** Runs `query` in a read-only transaction. */
export function read<T>(query: (db: Reader) => Promise<T>): Promise<T> {
  shared.dashboardDatabase ??= connect();
  return shared.dashboardDatabase.transaction().setAccessMode('read only').execute(query);
}
