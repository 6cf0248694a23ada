/**
 * Cache of whole answers. The key of an answer is a digest of everything it shows, as it was read for the viewer who asks. So a cached answer is
 * never stale, and never shows more than the viewer's own reading.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { CompressedPage } from '@/lib/compressed_page';
import { KEEP_MS } from '@/lib/picture_cache';

/** Bytes of compressed pages. A page has about 0.1 MB. */
const MAX_BYTES = 16 * 2 ** 20;
/** Counted for each page in addition to its body, in bytes: headers and objects. */
const ENTRY_BYTES = 20_000;

/** What differs each time a page is sent: the nonce of its scripts, and the age of the replica's verification. */
export type Gap = 'nonce' | 'age';

/** What a page shows. */
export interface Shown {
  key: string;
  /** Equal for all pages of one load. */
  load: string;
  listener: string;
  /** The keys of its pictures. */
  pictures: string[];
}

export interface KeptAnswer {
  headers: OutgoingHttpHeaders;
  /** The nonce in the headers. */
  nonce: string;
  body: CompressedPage<Gap>;
}

interface KeptPage extends Shown, KeptAnswer {}

const pages = new LRUCache<string, KeptPage>({
  maxSize: MAX_BYTES,
  sizeCalculation: ({ body }) => body.size + ENTRY_BYTES,
  ttl: KEEP_MS,
  ttlAutopurge: true,
  updateAgeOnGet: true,
});
let newest = '';

/** Forget the pages of the last load when a page of another one is read. */
export function enterLoad({ load }: Shown): void {
  if (load !== newest) pages.clear();
  newest = load;
}

/** Return whether a page is kept for the address, whatever it shows. */
export const hasPage = (address: string): boolean => pages.has(address);

/** Return the page that is kept for the address, if it shows exactly this. */
export function findPage(address: string, { key }: Shown): KeptPage | undefined {
  const page = pages.get(address);
  return page?.key === key ? page : undefined;
}

/** Keep a page in place of the last one of the address, unless another load was read meanwhile. */
export function keepPage(address: string, page: KeptPage): void {
  if (page.load === newest) pages.set(address, page);
}

export const listenersWithPages = (): string[] => Array.from(pages.values(), ({ listener }) => listener);

export function forgetPages(listener: string): void {
  for (const [address, page] of [...pages.entries()]) if (page.listener === listener) pages.delete(address);
}
