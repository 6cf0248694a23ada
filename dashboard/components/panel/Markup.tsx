'use client';
import type { Shared } from '@/lib/handover';

/** A picture that was rendered to HTML before. In the browser it stays as the server sent it: React does not compare it. */

export function Markup({ id }: { id: string }) {
  const html = typeof window === 'undefined' ? serverHtml(id) : document.getElementById(id)?.innerHTML;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it was rendered by React, which escapes every text
  return <div id={id} dangerouslySetInnerHTML={{ __html: html ?? '' }} suppressHydrationWarning />;
}

/**
 * Return what lib/handover.ts keeps, without importing it, which would send its code to the browser. If nothing
 * is found, the response has ended, and nobody sees the rest of the page.
 */
function serverHtml(id: string): string | undefined {
  return (globalThis as Shared).handedOver?.get(id);
}
