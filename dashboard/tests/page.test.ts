/** A page reads one snapshot: on a real PostgreSQL, with the table definitions of main. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeDatabase, type Reader } from '@/lib/database';
import { readPage } from '@/lib/page';
import type { MartPanel } from '@/lib/panel';

const DEFINITIONS = join(import.meta.dirname, '../../sql/main');
const DATABASE = `dashboard_page_${process.pid}`;
const server = process.env.TEST_POSTGRES_URL ?? '';

async function run(url: string, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function testUrl(): string {
  const url = new URL(server);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

function tableDefinitions(): string[] {
  return ['core', 'mart', 'audit'].flatMap((schema) => [
    `create schema ${schema}`,
    ...readdirSync(join(DEFINITIONS, schema)).map((file) =>
      readFileSync(join(DEFINITIONS, schema, file), 'utf8'),
    ),
  ]);
}

function loadStatements(loadId: number, playCount: number): string[] {
  return [
    `insert into audit.load values (${loadId}, 'run ${loadId}', now(), now(), 'published', null, 'incremental', 1, '{}', 1, 0, 0)`,
    'delete from mart.daily_listening',
    `insert into mart.daily_listening (listener_id, played_on, play_count, listened_ms, track_count, artist_count, load_id)
     values ('ana', '2026-03-28', ${playCount}, 60000, 1, 1, ${loadId})`,
  ];
}

function panelThat(mart: string, read: (db: Reader) => Promise<unknown>): MartPanel & { mart: string } {
  return {
    mart,
    title: mart,
    about: '',
    order: 1,
    width: 'whole',
    empty: '',
    read: async (db) => {
      const value = await read(db);
      return () => String(value);
    },
  };
}

async function countPlays(db: Reader): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select sum(play_count)::bigint as count from mart.daily_listening`.execute(db);
  return rows[0]?.count ?? 0;
}

const publishSecondLoad = () => run(testUrl(), ['begin', ...loadStatements(2, 7), 'commit']);

beforeAll(async () => {
  if (!server) throw new Error('Set TEST_POSTGRES_URL to a PostgreSQL server; make test does.');
  await run(server, [`create database ${DATABASE}`]);
  await run(testUrl(), [
    ...tableDefinitions(),
    `insert into core.dim_listener values ('ana', 'Ana', 'UTC', false, 'default', false, 1)`,
    ...loadStatements(1, 3),
  ]);
  process.env.DASHBOARD_DATABASE_URL = testUrl();
});

afterAll(async () => {
  await closeDatabase();
  await run(server, [`drop database if exists ${DATABASE} with (force)`]);
});

test('all panels of a page show the load that was published when the page began', async () => {
  const page = readPage(
    [
      panelThat('before', countPlays),
      panelThat('publish', publishSecondLoad),
      panelThat('after', countPlays),
    ],
    { id: 'ana', year: undefined },
  );
  const frame = await page.frame;
  const drawn = await Promise.all(page.panels.map(async ({ drawing }) => (await drawing)()));
  expect(frame.freshness.load?.id).toBe(1);
  expect([drawn[0], drawn[2]]).toEqual(['3', '3']);
  const next = readPage([panelThat('next', countPlays)], { id: 'ana', year: undefined });
  expect((await next.frame).freshness.load?.id).toBe(2);
  expect((await (next.panels[0] as (typeof next.panels)[number]).drawing)()).toBe('7');
});

test('a panel whose query fails leaves the panels after it readable', async () => {
  const page = readPage(
    [panelThat('broken', (db) => sql`select 1 / 0`.execute(db)), panelThat('after', countPlays)],
    { id: 'ana', year: undefined },
  );
  const [broken, after] = page.panels.map(({ drawing }) => drawing);
  await expect(broken).rejects.toThrow('division by zero');
  expect((await after)?.()).toBe('7');
});

test('more pages than the pool has connections all finish', async () => {
  const pages = Array.from({ length: 12 }, () =>
    readPage([panelThat('one', countPlays), panelThat('two', countPlays)], { id: 'ana', year: undefined }),
  );
  const drawn = await Promise.all(pages.flatMap(({ panels }) => panels.map(({ drawing }) => drawing)));
  expect(drawn.map((draw) => draw())).toEqual(Array(24).fill('7'));
});

test('a page of an unknown listener has no listener, and its panels are not read', async () => {
  const page = readPage([panelThat('one', countPlays)], { id: 'nobody', year: undefined });
  expect((await page.frame).listener).toBeNull();
  await expect(page.panels[0]?.drawing).rejects.toThrow('no listener');
});
