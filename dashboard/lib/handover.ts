/**
 * Hands a picture's HTML from the server component that read it to the client component that puts it into the page.
 *
 * A property would do the same, but Next.js sends all properties of client components, and everything in server components,
 * to the browser a second time, in the payload for its scripts. That doubles the page.
 */
import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { KEEP_MS } from '@/lib/picture_cache';

export interface Shared {
  handedOver?: LRUCache<string, string>;
}

/** On globalThis, because the code of server components and that of client components are bundled separately. */
const shared = globalThis as Shared;

/** Keep the HTML until it is taken back. Return its id. */
export function handOver(html: string): string {
  // The time limit is for a response that closed before Next.js watched it: nobody takes its pictures back.
  shared.handedOver ??= new LRUCache({ ttl: KEEP_MS, ttlAutopurge: true });
  const id = randomUUID();
  shared.handedOver.set(id, html);
  return id;
}

export const takeBack = (id: string): void => void shared.handedOver?.delete(id);
