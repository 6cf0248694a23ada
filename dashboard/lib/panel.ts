/** A panel: one typed query and one picture. <Panel> owns the loading, empty and error states. */
import type { ReactNode } from 'react';
import type { Reader } from '@/lib/database';
import { digest } from '@/lib/digest';
import type { Listener } from '@/lib/listeners';
import { toMarkup } from '@/lib/markup';
import { findPicture, keepPicture } from '@/lib/picture_cache';

/** The part of the page's address that a panel can use. */
export interface View {
  listener: Listener;
  /** Undefined when the page shows all time, and in a panel that does not use the year. */
  year: number | undefined;
}

interface Description {
  title: string;
  /** One sentence below the title that says what the panel counts. */
  about: string;
  /** Position on the page, lowest first. */
  order: number;
  width: 'whole' | 'half';
  /** The sentence shown when there is no data. */
  empty: string;
  /** Whether the panel depends on the year. If not, all years share its picture. */
  usesYear?: boolean;
}

interface Parts<Data> extends Description {
  query: (db: Reader, view: View) => Promise<Data>;
  isEmpty: (data: Data) => boolean;
  /** Its components have no hooks, promises or client code, because it is rendered to HTML once and kept. */
  picture: (data: Data, view: View) => ReactNode;
}

/** Draw what was read. Returns HTML, or null when there is no data. */
export interface Draw {
  (): string | null;
  /** Finds the picture in memory. Draws with equal keys return the same HTML. */
  key: string;
}

export interface MartPanel extends Description {
  /** Unique in this process. */
  number: number;
  /** Run the query. The view has a year only if the panel uses it. The returned function draws the picture, without the connection. */
  read: (db: Reader, view: View) => Promise<Draw>;
}

let panelCount = 0;

/** Combine a query with its picture. The type of the data stays inside, so that a page can list panels of all kinds. */
export function panel<Data>({ query, isEmpty, picture, ...description }: Parts<Data>): MartPanel {
  const number = panelCount++; // Part of the key, because panels with equal data draw different pictures.
  return {
    ...description,
    number,
    read: async (db, view) => {
      const data = await query(db, view);
      const draw = () => (isEmpty(data) ? '' : toMarkup(picture(data, view)));
      return drawOnce(digest(number, view, data), view.listener.id, draw);
    },
  };
}

/** Return a function that draws a picture, unless it is in memory. An empty picture means that there is no data. */
function drawOnce(key: string, listener: string, draw: () => string): Draw {
  return Object.assign(
    () => {
      const known = findPicture(key)?.toString();
      const html = known ?? draw();
      if (known === undefined) keepPicture(key, listener, html);
      return html || null;
    },
    { key },
  );
}

/** Return the draw of a picture that is in memory, or undefined when it is not. */
export function keptDraw(key: string): Draw | undefined {
  const html = findPicture(key);
  return html === undefined ? undefined : Object.assign(() => html.toString() || null, { key });
}
