/** Records an answer while it is sent, so that it can be sent again with other texts in its gaps. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { compressPage } from '@/lib/compressed_page';
import { nonceOf } from '@/lib/nonce';
import type { Gap, KeptAnswer } from '@/lib/page_cache';

const unpack = promisify(gunzip);

/** Headers that belong to one way of sending the body. */
const TRANSPORT_HEADERS = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);

/** Return the answer when it was sent completely. Return null for any status but 200, and if the viewer left before the end. */
export async function recordAnswer(response: ServerResponse): Promise<KeptAnswer | null> {
  const sent = await recordBytes(response);
  if (!sent || response.statusCode !== 200) return null;
  const headers = response.getHeaders();
  const nonce = nonceOf(String(headers['content-security-policy']));
  if (!nonce) return null;
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'gzip') return null;
  const html = (encoding ? await unpack(sent) : sent).toString();
  const { texts, gaps } = split(html, nonce);
  return { headers: withoutTransport(headers), nonce, body: await compressPage(texts, gaps) };
}

/** Return the bytes that are written until the answer ends, or null when it does not end. */
function recordBytes(response: ServerResponse): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  const record = (chunk: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk)); // A copy: the writer may use its memory again.
  };
  for (const method of ['write', 'end'] as const) {
    const original = response[method] as (...values: unknown[]) => never;
    response[method] = (...values: unknown[]) => {
      record(values[0]);
      return original.apply(response, values);
    };
  }
  return new Promise((resolve) =>
    response.once('close', () => resolve(response.writableFinished ? Buffer.concat(chunks) : null)),
  );
}

function withoutTransport(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !TRANSPORT_HEADERS.has(name.toLowerCase())),
  );
}

/** Cut the HTML at its gaps: each nonce, and the text of `<Age>`. Texts in HTML cannot look like its tag, because quotes are escaped in them. */
function split(html: string, nonce: string): { texts: string[]; gaps: Gap[] } {
  const texts: string[] = [];
  const gaps: Gap[] = [];
  let start = 0;
  for (const gap of html.matchAll(new RegExp(`${nonce}|(?<= data-age="">)[^<]*`, 'g'))) {
    texts.push(html.slice(start, gap.index));
    gaps.push(gap[0] === nonce ? 'nonce' : 'age');
    start = gap.index + gap[0].length;
  }
  return { texts: [...texts, html.slice(start)], gaps };
}
