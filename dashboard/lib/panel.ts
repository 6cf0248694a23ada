/** A panel: one typed query and one picture. <Panel> owns the loading, empty and error states. */
import type { ReactNode } from 'react';
import type { Reader } from '@/lib/database';
import type { Listener } from '@/lib/listeners';

/** The part of the page's address that a panel can use. */
export interface View {
  listener: Listener;
  /** Undefined when the page shows all time. */
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
}

interface Parts<Data> extends Description {
  query: (db: Reader, view: View) => Promise<Data>;
  isEmpty: (data: Data) => boolean;
  picture: (data: Data, view: View) => ReactNode;
}

/** Draw what was read. Returns null when there is no data. */
export type Draw = () => ReactNode | null;

export interface MartPanel extends Description {
  /** Run the query. The picture is drawn by the returned function, when the connection is no longer needed. */
  read: (db: Reader, view: View) => Promise<Draw>;
}

/** Combine a query with its picture. The type of the data stays inside, so that a page can list panels of all kinds. */
export function panel<Data>({ query, isEmpty, picture, ...description }: Parts<Data>): MartPanel {
  return {
    ...description,
    read: async (db, view) => {
      const data = await query(db, view);
      return () => (isEmpty(data) ? null : picture(data, view));
    },
  };
}
