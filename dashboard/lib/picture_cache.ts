/**
 * Cache of rendered pictures. The key is a digest of all inputs, so a cached picture is never stale, and two listeners never
 * share one.
 */
import { LRUCache } from 'lru-cache';

/** Bytes of HTML. A page has 0.5 to 1 MB. The memory of buffers is outside the heap of Node.js, which is small. */
const MAX_BYTES = 64 * 2 ** 20;
/** Counted for each picture in addition to its HTML, in bytes. */
const ENTRY_BYTES = 500;
/** What nobody has opened for this long is dropped, so that old data does not stay in memory. */
export const KEEP_MS = 10 * 60_000;

interface Picture {
  listener: string;
  html: Buffer;
}

const pictures = new LRUCache<string, Picture>({
  maxSize: MAX_BYTES,
  sizeCalculation: ({ html }) => html.buffer.byteLength + ENTRY_BYTES, // A small buffer keeps a whole pool of Node.js.
  ttl: KEEP_MS,
  ttlAutopurge: true,
  updateAgeOnGet: true,
});

/** Return the picture's HTML as UTF-8. */
export const findPicture = (key: string): Buffer | undefined => pictures.get(key)?.html;

export const hasPicture = (key: string): boolean => pictures.has(key);

export function keepPicture(key: string, listener: string, html: string): void {
  pictures.set(key, { listener, html: Buffer.from(html) });
}

export const listenersWithPictures = (): string[] => [
  ...new Set(Array.from(pictures.values(), ({ listener }) => listener)),
];

export function forgetPictures(listener: string): void {
  for (const [key, picture] of [...pictures.entries()])
    if (picture.listener === listener) pictures.delete(key);
}
