/** What a page reads while loads are published, queries fail and viewers leave. */
import { sql } from 'kysely';
import { createElement } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { FreshnessNote } from '@/components/layout/FreshnessNote';
import { panels as allPanels } from '@/generated/panels';
import { toMarkup } from '@/lib/markup';
import { readPage } from '@/lib/page';
import { type MartPanel, panel } from '@/lib/panel';
import { mainDatabase } from './support/main_database';

const VIEW = { id: 'ana', year: undefined };
/** More pages than the pool has connections. */
const MANY_PAGES = 12;

const main = mainDatabase();

beforeEach(async () => {
  await main.owner.query(
    'TRUNCATE core.dim_listener, mart.listener_summary, mart.daily_listening, audit.load, audit.replica_check',
  );
  await main.owner.query('TRUNCATE mart.discovery, mart.popularity_distribution');
  await main.owner.query(
    "INSERT INTO core.dim_listener VALUES ('ana', 'Ana', 'UTC', false, 'default', false, 1)",
  );
  await publish(1);
});

/** Publish load `id` in one transaction. Every table then says that Ana has 100 plays for each load so far. */
async function publish(id: number): Promise<void> {
  const plays = id * 100;
  await main.owner.query(`
    BEGIN;
    DELETE FROM mart.listener_summary;
    DELETE FROM mart.daily_listening;
    DELETE FROM mart.discovery;
    DELETE FROM mart.popularity_distribution;
    INSERT INTO mart.listener_summary
    VALUES ('ana', '2026-11-01 10:00Z', '2026-11-01 20:00Z', ${plays}, 1, 1, 1, 1, 1, 1, 1, '2026-11-01', ${id});
    INSERT INTO mart.daily_listening VALUES ('ana', '2026-11-01', ${plays}, 1, 1, 1, ${id});
    INSERT INTO mart.discovery VALUES ('ana', '2026-11-01', 1, 1, ${plays}, ${plays}, ${id});
    INSERT INTO mart.popularity_distribution VALUES ('ana', '2026-11-01', -1, ${plays}, 1, ${id});
    INSERT INTO audit.load VALUES (${id}, 'run ${id}', now(), now(), 'published', null, 'rebuild', 1, '{}', 4, 0, 4);
    COMMIT`);
}

const DESCRIPTION = { title: '', about: '', order: 1, width: 'half', empty: '' } as const;

/** A panel that shows the plays of one table as text. `before` runs right before its query. */
function playsOf(
  table: 'mart.listener_summary' | 'mart.daily_listening',
  before?: () => Promise<void>,
): MartPanel {
  return panel({
    ...DESCRIPTION,
    query: async (db) => {
      await before?.();
      return db.selectFrom(table).select('play_count').executeTakeFirstOrThrow();
    },
    isEmpty: () => false,
    picture: ({ play_count }) => String(play_count),
  });
}

const failing = panel({
  ...DESCRIPTION,
  query: (db) =>
    db
      .selectFrom('core.dim_listener')
      .select('no_such_column' as 'listener_id')
      .execute(),
  isEmpty: () => false,
  picture: () => null,
});

async function contents(panels: MartPanel[], signal?: AbortSignal): Promise<unknown[]> {
  const page = readPage(panels, { ...VIEW, signal });
  return Promise.all(page.panels.map(async ({ drawing }) => (await drawing)()));
}

/** Wait until the dashboard's connections are idle. Fails when one stays in a transaction. */
async function expectConnectionsReleased(): Promise<void> {
  const busy =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'";
  const others = `${busy} AND pid <> pg_backend_pid()`;
  await expect.poll(async () => (await main.owner.query(others)).rows[0].n, { timeout: 5_000 }).toBe(0);
}

test('a page shows one load although another is published between its panels', async () => {
  const page = readPage(
    [playsOf('mart.listener_summary'), playsOf('mart.daily_listening', () => publish(2))],
    VIEW,
  );
  const { freshness, listener } = await page.frame;
  const shown = await Promise.all(page.panels.map(async ({ drawing }) => (await drawing)()));
  expect(freshness.load?.id).toBe(1);
  expect(listener?.playCount).toBe(100);
  expect(shown).toEqual(['100', '100']);
  expect(await contents([playsOf('mart.listener_summary'), playsOf('mart.daily_listening')])).toEqual([
    '200',
    '200',
  ]);
});

test('all panels of the dashboard can be read in one snapshot', async () => {
  expect(await contents(allPanels)).toHaveLength(allPanels.length);
});

test('a panel that fails leaves the other panels readable', async () => {
  const page = readPage([playsOf('mart.listener_summary'), failing, playsOf('mart.daily_listening')], VIEW);
  const [first, second, third] = page.panels.map(({ drawing }) => drawing.then((draw) => draw()));
  await expect(second).rejects.toThrow('no_such_column');
  expect([await first, await third]).toEqual(['100', '100']);
  await expectConnectionsReleased();
});

test('more pages than connections finish and release every connection', async () => {
  const slow = panel({
    ...DESCRIPTION,
    query: (db) => sql`select pg_sleep(0.02)`.execute(db),
    isEmpty: () => false,
    picture: () => 'done',
  });
  const pages = Array.from({ length: MANY_PAGES }, () => contents([slow, slow]));
  expect(await Promise.all(pages)).toEqual(pages.map(() => ['done', 'done']));
  await expectConnectionsReleased();
});

test('a page nobody waits for stops before its next panel', async () => {
  const leaving = new AbortController();
  const first = playsOf('mart.listener_summary', async () => leaving.abort(new Error('the viewer left')));
  const page = readPage([first, playsOf('mart.daily_listening')], { ...VIEW, signal: leaving.signal });
  const [read, skipped] = page.panels;
  expect((await read?.drawing)?.()).toBe('100');
  await expect(skipped?.drawing).rejects.toThrow('the viewer left');
  await expectConnectionsReleased();
});

test('an unknown listener has a frame but no panels', async () => {
  const page = readPage([playsOf('mart.listener_summary')], { id: 'nobody', year: undefined });
  expect((await page.frame).listener).toBeNull();
  await expect(page.panels[0]?.drawing).rejects.toThrow('no listener');
  await expectConnectionsReleased();
});

test.each([
  ['a summary newer than the newest load', 'UPDATE mart.listener_summary SET load_id = 2', true],
  ['days that add up to other plays', 'UPDATE mart.daily_listening SET play_count = 101', true],
  ['days that have not arrived yet', 'DELETE FROM mart.daily_listening', true],
  ['a summary that has not arrived yet', 'DELETE FROM mart.listener_summary', true],
  ['tables that agree', 'UPDATE mart.daily_listening SET track_count = 2', false],
])('%s: the page says whether the database is between two loads', async (_, change, isUpdating) => {
  await main.owner.query(change);
  const { freshness } = await readPage([], VIEW).frame;
  expect(freshness.isUpdating).toBe(isUpdating);
});

test.each([
  ['before the first verification', [], 'Replica equal to main: unknown'],
  ['after an equal one', [['6 hours', 'equal']], 'Replica proven equal 6 hours ago'],
  [
    'after a difference',
    [
      ['6 hours', 'equal'],
      ['2 hours', 'different'],
    ],
    'Replica found different from main 2 hours ago',
  ],
  [
    'after one that could not compare',
    [
      ['6 hours', 'equal'],
      ['2 hours', 'not_compared'],
    ],
    'Replica proven equal 6 hours ago',
  ],
  ['after only one that could not compare', [['2 hours', 'not_compared']], 'Replica equal to main: unknown'],
])('%s, the header says when the replica was last proven equal', async (_, checks, expected) => {
  for (const [age, outcome] of checks)
    await main.owner.query(
      `INSERT INTO audit.replica_check VALUES ('${outcome}', now() - interval '${age}', 1, '${outcome}', 1, 1, 0, null)`,
    );
  const { freshness } = await readPage([], VIEW).frame;
  const html = toMarkup(createElement(FreshnessNote, { freshness, timeZone: 'UTC' }));
  expect(html.replaceAll(/<[^>]+>/g, '')).toContain(expected);
});
