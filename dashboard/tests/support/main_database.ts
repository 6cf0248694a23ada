/** A migrated main database on a real PostgreSQL, for tests of what a page reads. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { closeDatabase } from '@/lib/database';

const PROJECT = join(import.meta.dirname, '..', '..', '..');

export interface MainDatabase {
  /** A connection of the owner, for writing rows. */
  owner: pg.Client;
  /** The URL with which the dashboard connects, with the rights of its role. */
  dashboardUrl: string;
  drop: () => Promise<void>;
}

/** Give a test file a database of its own, to which the dashboard connects. Its members are set before the first test. */
export function mainDatabase(): MainDatabase {
  const main = {} as MainDatabase;
  beforeAll(async () => {
    Object.assign(main, await createMainDatabase());
    process.env.DASHBOARD_DATABASE_URL = main.dashboardUrl;
  }, 120_000);
  afterAll(async () => {
    await closeDatabase();
    await main.drop();
  });
  return main;
}

/** Create and migrate a database. TEST_POSTGRES_URL must name a superuser's PostgreSQL. */
async function createMainDatabase(): Promise<MainDatabase> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error("Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL to run these tests.");
  const name = `dashboard_test_${randomUUID().slice(0, 8)}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const python = process.env.MIGRATE_PYTHON ?? 'python3';
  execFileSync(python, ['-m', 'sql.migrate', 'main', '--url', url.href], { cwd: PROJECT, stdio: 'pipe' });
  const owner = new pg.Client(url.href);
  await owner.connect();
  url.searchParams.set('options', '-c role=dashboard');
  return {
    owner,
    dashboardUrl: url.href,
    drop: async () => {
      await owner.end();
      await execute(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
