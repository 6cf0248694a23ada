/** Renders pictures to HTML. A picture is a tree of plain components: no hooks, no promises, no client components. */
import type { ReactNode } from 'react';

// A static import is not possible: Next.js refuses it in the code of server components.
const { renderToStaticMarkup } = await import('react-dom/server');

export function toMarkup(picture: ReactNode): string {
  return renderToStaticMarkup(picture);
}
