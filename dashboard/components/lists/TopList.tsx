/** Ranked items, each with a bar as long as its number of plays. */
import { counted, hours } from '@/lib/format';
import { RowList } from './RowList';

export interface RankedItem {
  rank: number;
  /** Null while the name is unknown. */
  name: string | null;
  /** The artist of a track or album. Null for an artist, or when unknown. */
  artist: string | null;
  playCount: number;
  listenedMs: number;
}

interface Props {
  title: string;
  items: RankedItem[];
  /** The name shown while the item's own is unknown. */
  unnamed: string;
  empty: string;
}

export function TopList({ title, items, unnamed, empty }: Props) {
  const most = items[0]?.playCount ?? 1;
  const rows = items.map(({ rank, name, artist, playCount, listenedMs }) => ({
    key: rank,
    name: (
      <>
        {rank}. {name ?? <em>{unnamed}</em>}
      </>
    ),
    value: counted(playCount, 'play'),
    share: playCount / most,
    detail: [artist, hours(listenedMs)].filter(Boolean).join(', '),
  }));
  return <RowList title={title} rows={rows} empty={empty} />;
}
