'use client';
/** A picture, rendered to HTML before. In the browser it stays as the server sent it: React neither compares nor changes it. */

export function Markup({ id }: { id: string }) {
  const html = typeof window === 'undefined' ? serverHtml(id) : document.getElementById(id)?.innerHTML;
  if (html === undefined) throw new Error(`The picture ${id} is missing`);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: it was rendered by React, which escapes every text
  return <div id={id} dangerouslySetInnerHTML={{ __html: html }} suppressHydrationWarning />;
}

/** Return what lib/handover.ts keeps. Importing it would send its code to the browser. */
function serverHtml(id: string): string | undefined {
  return (globalThis as { handedOver?: Map<string, string> }).handedOver?.get(id);
}
