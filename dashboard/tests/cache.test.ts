/** What is kept in memory between pages: never a row that has changed, never a picture of another listener. */
import { beforeEach, expect, test } from 'vitest';
import { readSnapshot } from '@/lib/database';
import { digest } from '@/lib/digest';
import { handOver, type Shared, takeBack } from '@/lib/handover';
import { readPage } from '@/lib/page';
import type { MartPanel } from '@/lib/panel';
import { findPicture, keepPicture, listenersWithPictures } from '@/lib/picture_cache';
import { enterSnapshot } from '@/lib/snapshot_cache';
import { mainDatabase } from './support/main_database';
import { playsPanel, TWO_LISTENERS } from './support/plays';

const main = mainDatabase();
let drawn: string[];
let plays: MartPanel;

beforeEach(async () => {
  await main.owner.query(TWO_LISTENERS);
  drawn = [];
  plays = noted();
});

/** A panel that notes each drawing in `drawn`. */
function noted(usesYear = false): MartPanel {
  return playsPanel((name, played, year) => {
    const text = `${name} ${played} ${year ?? 'all time'}`;
    drawn.push(text);
    return text;
  }, usesYear);
}

async function open(id: string, year?: number, shown = plays): Promise<string | null | undefined> {
  const [read] = readPage([shown], { id, year }).panels;
  return (await read?.drawing)?.();
}

test('a picture is drawn once, also after writes that change nothing of it', async () => {
  expect(await open('ana')).toBe('Ana 100 all time');
  await main.owner.query("UPDATE mart.daily_listening SET track_count = 2 WHERE listener_id = 'ana'");
  expect(await open('ana')).toBe('Ana 100 all time');
  expect(drawn).toEqual(['Ana 100 all time']);
});

test('a new load changes the page at once', async () => {
  await open('ana');
  await main.owner.query(
    "UPDATE mart.daily_listening SET play_count = 200, load_id = 2 WHERE listener_id = 'ana'",
  );
  expect(await open('ana')).toBe('Ana 200 all time');
  await main.owner.query("DELETE FROM mart.daily_listening WHERE listener_id = 'ana'");
  expect(await open('ana')).toBeNull();
});

test('two listeners with equal data never share a picture', async () => {
  expect([await open('ana'), await open('bob'), await open('ana')]).toEqual([
    'Ana 100 all time',
    'Bob 100 all time',
    'Ana 100 all time',
  ]);
  expect(drawn).toEqual(['Ana 100 all time', 'Bob 100 all time']);
});

test('two panels with equal data never share a picture', async () => {
  await open('ana');
  await open('ana', undefined, noted());
  expect(drawn).toHaveLength(2);
});

test('a panel that does not use the year is drawn once for all years', async () => {
  expect([await open('ana', 2025), await open('ana', 2026)]).toEqual([
    'Ana 100 all time',
    'Ana 100 all time',
  ]);
  expect(drawn).toHaveLength(1);
});

test('a panel that uses the year has a picture for each', async () => {
  const yearly = noted(true);
  expect([
    await open('ana', 2025, yearly),
    await open('ana', 2026, yearly),
    await open('ana', undefined, yearly),
  ]).toEqual(['Ana 100 2025', 'Ana 100 2026', 'Ana 100 all time']);
});

test('nothing of a deleted listener stays in memory after the next page', async () => {
  await open('ana');
  await open('bob');
  expect(listenersWithPictures()).toEqual(expect.arrayContaining(['ana', 'bob']));
  await main.owner.query("DELETE FROM core.dim_listener WHERE listener_id = 'bob'");
  await open('ana');
  expect(listenersWithPictures()).toEqual(['ana']);
  expect((await readPage([plays], { id: 'bob', year: undefined }).frame).listener).toBeNull();
});

test('what was read is kept for its snapshot only', async () => {
  const kept = { value: 1 };
  await readSnapshot(async (db) => {
    (await enterSnapshot(db)).keep(['key'], kept);
    expect((await enterSnapshot(db)).find(['key'])).toBe(kept);
    expect((await enterSnapshot(db)).find(['other'])).toBeUndefined();
  });
  await main.owner.query("UPDATE mart.daily_listening SET play_count = 300 WHERE listener_id = 'ana'");
  await readSnapshot(async (db) => {
    expect((await enterSnapshot(db)).find(['key'])).toBeUndefined();
  });
});

test('an older snapshot neither finds nor keeps anything once a newer one was entered', async () => {
  await readSnapshot(async (older) => {
    const snapshot = await enterSnapshot(older);
    snapshot.keep(['before'], {});
    await main.owner.query("UPDATE mart.daily_listening SET play_count = 300 WHERE listener_id = 'ana'");
    await readSnapshot(async (newer) => {
      const current = await enterSnapshot(newer);
      snapshot.keep(['after'], {});
      expect([snapshot.find(['before']), current.find(['before']), current.find(['after'])]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });
  });
});

test('digests distinguish values that JSON writes alike', () => {
  const values = [
    undefined,
    null,
    new Date(0),
    '1970-01-01T00:00:00.000Z',
    new Map([[1, 2]]),
    new Map(),
    {},
    Number.NaN,
    ['1', 2],
    [1, '2'],
  ];
  expect(new Set(values.map((value) => digest(value))).size).toBe(values.length);
  expect(digest('ana', { plays: [1] })).toBe(digest('ana', { plays: [1] }));
});

test('memory is bounded: old pictures give way to new ones', () => {
  const html = 'x'.repeat(2 ** 20);
  for (let index = 0; index < 100; index++) keepPicture(`large ${index}`, 'ana', html);
  expect(findPicture('large 0')).toBeUndefined();
  expect(findPicture('large 99')?.toString()).toBe(html);
});

test('HTML that was handed over is gone after it is taken back', () => {
  const id = handOver('<p>');
  const { handedOver } = globalThis as Shared;
  expect(handedOver?.get(id)).toBe('<p>');
  takeBack(id);
  expect(handedOver?.get(id)).toBeUndefined();
});
