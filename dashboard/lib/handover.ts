/**
 * Hands a picture's HTML from the server component that read it to the client component that puts it into the page.
 *
 * A property would do the same, but Next.js sends all properties of client components, and everything in server components,
 * to the browser a second time, in the payload for its scripts. That doubles the page.
 */
import { randomUUID } from 'node:crypto';

interface Shared {
  handedOver?: Map<string, string>;
}

/** On globalThis, because the code of server components and that of client components are bundled separately. */
const shared = globalThis as Shared;

/** Keep the HTML until it is taken back. Return its id. */
export function handOver(html: string): string {
  shared.handedOver ??= new Map();
  const id = randomUUID();
  shared.handedOver.set(id, html);
  return id;
}

export const takeBack = (id: string): void => void shared.handedOver?.delete(id);
