/** What a panel is: one typed query and one picture. Loading, empty and error are <Panel>'s. */
import type { ReactNode } from 'react';
import { type Reader, read } from '@/lib/database';
import type { Listener } from '@/lib/listeners';

/** What a panel may ask about the page. */
export interface View {
  listener: Listener;
  year: number | undefined;
}

interface Description {
  title: string;
  /** One sentence under the title: what is counted. */
  about: string;
  /** Place on the page, smallest first. */
  order: number;
  width: 'whole' | 'half';
  /** What to say when there is nothing to show. */
  empty: string;
}

interface Parts<Data> extends Description {
  query: (db: Reader, view: View) => Promise<Data>;
  isEmpty: (data: Data) => boolean;
  picture: (data: Data, view: View) => ReactNode;
}

export interface MartPanel extends Description {
  /** The picture, or null when there is nothing to show. */
  content: (view: View) => Promise<ReactNode | null>;
}

/** Ties a query to its picture and forgets the type between them, so that the page can list panels of all kinds. */
export function panel<Data>({ query, isEmpty, picture, ...description }: Parts<Data>): MartPanel {
  return {
    ...description,
    content: async (view) => {
      const data = await read((db) => query(db, view));
      return isEmpty(data) ? null : picture(data, view);
    },
  };
}
