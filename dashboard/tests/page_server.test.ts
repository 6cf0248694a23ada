/** Which answers come from memory: only those that show what the database has now, each with its own nonce. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createElement } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Age } from '@/components/layout/Age';
import { closeDatabase } from '@/lib/database';
import { toMarkup } from '@/lib/markup';
import { freshNonce } from '@/lib/nonce';
import { listenersWithPages } from '@/lib/page_cache';
import { answerPage, handedReading } from '@/lib/page_server';
import type { MartPanel } from '@/lib/panel';
import { mainDatabase } from './support/main_database';
import { playsPanel, TWO_LISTENERS } from './support/plays';

const MINUTE_MS = 60_000;
const NONCE = /nonce="([\w-]+)"/g;

const main = mainDatabase();
let server: http.Server;
/** The addresses that were rendered, in order. */
let rendered: string[];
let panels: MartPanel[];

beforeEach(async () => {
  await main.owner.query(`${TWO_LISTENERS}; TRUNCATE audit.load, audit.replica_check`);
  await publish(1);
  rendered = [];
  panels = [longPanel()];
  server = http.createServer((request, response) =>
    answerPage(panels, request, response, () => void render(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  vi.useRealTimers();
  await new Promise((resolve) => server.close(resolve));
});

/** Publish load `id`, after which everyone has 100 plays for each load so far. */
async function publish(id: number): Promise<void> {
  await main.owner.query(`
    BEGIN;
    UPDATE mart.daily_listening SET play_count = ${id * 100};
    INSERT INTO audit.load VALUES (${id}, 'run ${id}', now(), now(), 'published', null, 'rebuild', 1, '{}', 4, 0, 4);
    COMMIT`);
}

/** A panel with enough text to be worth compressing. */
function longPanel(draw = (plays: string) => plays): MartPanel {
  return playsPanel((name, plays) => draw(`${name} ${plays} plays `.repeat(200)));
}

/** Answer as Next.js does: from the reading that was handed over, with a nonce in the policy and in each script, compressed. */
async function render({ url }: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  rendered.push(url ?? '');
  const nonce = freshNonce();
  response.setHeader('Content-Security-Policy', `script-src 'nonce-${nonce}'`);
  response.setHeader('Link', `</a.css>; nonce="${nonce}"`);
  response.setHeader('Content-Encoding', 'gzip');
  const reading = handedReading();
  const script = `<script nonce="${nonce}">1</script>`;
  try {
    if (!reading) throw new Error('nothing was handed over');
    const { replica } = (await reading.frame).freshness;
    const age = replica ? toMarkup(createElement(Age, { of: replica.startedAt })) : '';
    const drawn = await Promise.all(reading.panels.map(async ({ drawing }) => safely(await drawing)));
    const html = gzipSync(`<p>${age}</p>${script}${drawn.join(script)}${script}`);
    response.write(html.subarray(0, 20));
    response.end(html.subarray(20));
  } catch {
    response.end(gzipSync('unreadable'));
  }
}

function safely(draw: () => string | null): string | null {
  try {
    return draw();
  } catch {
    return 'failed';
  }
}

interface Answer {
  html: string;
  headers: http.IncomingHttpHeaders;
  nonces: string[];
}

function open(
  path: string,
  headers: http.OutgoingHttpHeaders = { 'Accept-Encoding': 'gzip' },
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path, headers: { Host: '127.0.0.1', ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const html = (answer.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
        resolve({
          html,
          headers: answer.headers,
          nonces: Array.from(html.matchAll(NONCE), ([, nonce]) => nonce ?? ''),
        });
      });
    });
    request.on('error', reject);
  });
}

/** Open a page until it comes from memory: an answer is kept shortly after it was sent. */
async function openUntilKept(path: string): Promise<Answer> {
  let answer: Answer | undefined;
  await expect
    .poll(
      async () => {
        const before = rendered.length;
        answer = await open(path);
        return rendered.length - before;
      },
      { timeout: 10_000 },
    )
    .toBe(0);
  return answer as Answer;
}

test('a page from memory equals the rendered one, except for its nonce', async () => {
  const first = await open('/?listener=ana');
  const kept = await openUntilKept('/?listener=ana');
  expect(kept.html.replaceAll(NONCE, '')).toBe(first.html.replaceAll(NONCE, ''));
  expect(kept.nonces).toHaveLength(first.nonces.length);
  expect(kept.headers.link).toBe(`</a.css>; nonce="${kept.nonces[0]}"`);
});

test('each answer has one nonce, in its policy and its scripts, and no other answer has it', async () => {
  await openUntilKept('/?listener=ana');
  const answers = [await open('/?listener=ana'), await open('/?listener=ana')];
  for (const { headers, nonces } of answers)
    expect(headers['content-security-policy']).toBe(`script-src 'nonce-${[...new Set(nonces)]}'`);
  expect(new Set(answers.flatMap(({ nonces }) => nonces)).size).toBe(2);
});

test('a page opened after a load was published shows that load', async () => {
  await openUntilKept('/?listener=ana');
  await publish(2);
  expect((await open('/?listener=ana')).html).toContain('Ana 200 plays');
  await main.owner.query("UPDATE mart.daily_listening SET play_count = 201 WHERE listener_id = 'ana'");
  expect((await open('/?listener=ana')).html).toContain('Ana 201 plays');
});

test('a write that changes nothing on the page leaves it in memory', async () => {
  await openUntilKept('/?listener=ana');
  await main.owner.query('UPDATE cdc.heartbeat SET at = now()');
  const before = rendered.length;
  await open('/?listener=ana');
  expect(rendered).toHaveLength(before);
});

test('listeners and years never share a page', async () => {
  await openUntilKept('/?listener=ana');
  expect((await open('/?listener=bob')).html).toContain('Bob 100 plays');
  const before = rendered.length;
  await open('/?listener=ana&year=2026');
  expect(rendered.slice(before)).toEqual(['/?listener=ana&year=2026']);
});

test('no page of a deleted listener, and none that names them, stays in memory after the next page', async () => {
  await openUntilKept('/?listener=ana');
  await openUntilKept('/?listener=bob');
  expect(listenersWithPages().sort()).toEqual(['ana', 'bob']);
  await main.owner.query("DELETE FROM core.dim_listener WHERE listener_id = 'bob'");
  await open('/?listener=ana');
  expect(listenersWithPages()).not.toContain('bob');
  await main.owner.query("DELETE FROM core.dim_listener WHERE listener_id = 'ana'");
  await open('/?listener=ana');
  expect(listenersWithPages()).toEqual([]);
});

test('the age of the verification is true in a page from memory', async () => {
  await main.owner.query(
    "INSERT INTO audit.replica_check VALUES ('a', now() - interval '150 s', 1, 'equal', 1, 1, 0, null)",
  );
  expect((await openUntilKept('/?listener=ana')).html).toContain('>2 minutes ago</time>');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE_MS });
  const before = rendered.length;
  expect((await open('/?listener=ana')).html).toContain('>12 minutes ago</time>');
  expect(rendered).toHaveLength(before);
});

test('a page with a picture that could not be drawn is not kept', async () => {
  let isBroken = true;
  panels = [
    longPanel((plays) => {
      if (isBroken) throw new Error('cannot draw');
      return plays;
    }),
  ];
  expect((await open('/?listener=ana')).html).toContain('failed');
  isBroken = false;
  expect((await openUntilKept('/?listener=ana')).html).not.toContain('failed');
});

test('a page from memory is not shown while the database cannot be read', async () => {
  await openUntilKept('/?listener=ana');
  await main.owner.query('ALTER TABLE core.dim_listener RENAME TO hidden');
  try {
    expect((await open('/?listener=ana')).html).toBe('unreadable');
  } finally {
    await main.owner.query('ALTER TABLE core.hidden RENAME TO dim_listener');
    await closeDatabase();
  }
});

test.each([
  '/?listener=ana&other=1',
  '/?year=2026&listener=ana',
  '/?listener=Not%20An%20Id',
  '/healthz',
  '/?',
])('%s is always rendered', async (path) => {
  await open(path);
  await open(path);
  expect(rendered).toEqual([path, path]);
});

test('localhost is always answered by Next.js, which redirects it', async () => {
  await openUntilKept('/?listener=ana');
  const before = rendered.length;
  await open('/?listener=ana', { Host: 'localhost:3000' });
  expect(rendered).toHaveLength(before + 1);
});

test.each(['', 'br', 'gzip;q=0', 'gzip; q=0.0, br'])(
  'a browser that accepts "%s" gets plain HTML',
  async (accepted) => {
    const { html } = await openUntilKept('/?listener=ana');
    const plain = await open('/?listener=ana', { 'Accept-Encoding': accepted });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.html.replaceAll(NONCE, '')).toBe(html.replaceAll(NONCE, ''));
  },
);
