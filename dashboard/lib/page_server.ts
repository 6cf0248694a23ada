/**
 * Sends a page from memory when everything it shows was sent before. Next.js does not cache pages whose scripts need a fresh nonce, so
 * scripts/page_server.mjs asks `answerPage` first.
 *
 * Every request reads the page (lib/page.ts), in one snapshot. If an answer that shows exactly this is in memory, it is sent. If not,
 * Next.js renders the page from the same reading, and the answer is kept.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Address, parseAddress } from '@/lib/address';
import { recordAnswer } from '@/lib/answer_recorder';
import { gzipPage } from '@/lib/compressed_page';
import { digest } from '@/lib/digest';
import { ago } from '@/lib/format';
import { href } from '@/lib/href';
import { loopbackUrl } from '@/lib/loopback';
import { freshNonce } from '@/lib/nonce';
import { type PageReading, readPage } from '@/lib/page';
import { enterLoad, findPage, hasPage, type KeptAnswer, keepPage, type Shown } from '@/lib/page_cache';
import type { MartPanel } from '@/lib/panel';
import { hasPicture } from '@/lib/picture_cache';

type AnswerPage = (request: IncomingMessage, response: ServerResponse, render: () => void) => Promise<void>;

type Reading = PageReading<MartPanel>;

const handed = new AsyncLocalStorage<Reading>();
const unpack = promisify(gunzip);

/** Return what was read, for the panels of the page, to answer this request. Return undefined when nothing was. */
export function handedReading<Panel extends MartPanel>(): PageReading<Panel> | undefined {
  return handed.getStore() as PageReading<Panel> | undefined;
}

/** Let scripts/page_server.mjs answer pages with these panels from now on. */
export function servePages(panels: MartPanel[]): void {
  (globalThis as { answerPage?: AnswerPage }).answerPage = (request, response, render) =>
    answerPage(panels, request, response, render);
}

/** Send the page from memory, or let `render` answer and keep what it sends. */
export async function answerPage(
  panels: MartPanel[],
  request: IncomingMessage,
  response: ServerResponse,
  render: () => void,
): Promise<void> {
  const address = pageAddress(request);
  if (!address) return render();
  const leaving = new AbortController();
  response.once('close', () => leaving.abort(new Error('The viewer left.')));
  const reading = readPage(panels, { id: address.listener, year: address.year, signal: leaving.signal });
  const shown = shownIn(reading);
  const name = `${viewerOf(request)} ${request.url}`;
  // Without an answer in memory, Next.js sends the start of the page while the rest is read.
  const kept = hasPage(name)
    ? await shown.then((found) => findPage(name, found)).catch(() => undefined)
    : undefined;
  if (kept) return send(kept, reading, request, response);
  keepAnswer(name, shown, response).catch(() => undefined); // The page itself says what could not be read.
  handed.run(reading, render);
}

/** Return whose rights decide what is read. Viewers cannot sign in yet, so everyone is the operator. */
function viewerOf(_request: IncomingMessage): string {
  return 'operator';
}

/** Return the address of a page as the page itself writes it, or null for anything else, which Next.js answers. */
function pageAddress({ method, url = '', headers }: IncomingMessage): Address | null {
  if (method !== 'GET' || loopbackUrl(headers.host ?? null, url) !== null) return null;
  const [path, query] = url.split('?', 2);
  const address = path === '/' ? parseAddress(Object.fromEntries(new URLSearchParams(query))) : null;
  return address && href(address) === url ? address : null;
}

/** Return what the page shows. Rejects when a part cannot be read, so that a page with an error is never kept. */
async function shownIn({ frame, panels }: Reading): Promise<Shown> {
  const { menu, listener, freshness } = await frame;
  const pictures = await Promise.all(panels.map(async ({ drawing }) => (await drawing).key));
  const shown = {
    key: digest(menu, listener, freshness, pictures),
    load: digest(menu, freshness.database, freshness.load),
    listener: listener?.id ?? '',
    pictures,
  };
  enterLoad(shown);
  return shown;
}

async function keepAnswer(name: string, read: Promise<Shown>, response: ServerResponse): Promise<void> {
  const [shown, answer] = await Promise.all([read, recordAnswer(response)]);
  // A picture that could not be drawn is not in memory: its panel shows an error.
  if (answer && shown.pictures.every(hasPicture)) keepPage(name, { ...shown, ...answer });
}

/** Send a kept answer with a fresh nonce and the present age of the replica's verification. */
async function send(
  { headers, nonce, body }: KeptAnswer,
  reading: Reading,
  { headers: asked }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { replica } = (await reading.frame).freshness;
  const values = { nonce: freshNonce(), age: replica ? ago(replica.startedAt, new Date()) : '' };
  const gzip = gzipPage(body, values);
  for (const [header, value = ''] of Object.entries(headers))
    response.setHeader(header, typeof value === 'string' ? value.replaceAll(nonce, values.nonce) : value);
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(asked['accept-encoding'] ?? ''));
  if (takesGzip) response.setHeader('Content-Encoding', 'gzip');
  const sent = takesGzip ? gzip : await unpack(gzip);
  response.setHeader('Content-Length', sent.length);
  response.end(sent);
}
