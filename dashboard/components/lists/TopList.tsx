/** Items by rank below each other, each with a bar as long as it was played. */
import { counted, hours } from '@/lib/format';
import styles from './Rows.module.css';

export interface RankedItem {
  rank: number;
  /** Null when nobody named it yet. */
  name: string | null;
  /** Whose it is, where that is to be said. */
  by: string | null;
  playCount: number;
  listenedMs: number;
}

interface Props {
  title: string;
  items: RankedItem[];
  unnamed: string;
  empty: string;
}

export function TopList({ title, items, unnamed, empty }: Props) {
  const most = items[0]?.playCount ?? 1;
  return (
    <div className={styles.list}>
      <h3>{title}</h3>
      {items.length === 0 && <p className={styles.detail}>{empty}</p>}
      <ol>
        {items.map(({ rank, name, by, playCount, listenedMs }) => (
          <li key={rank}>
            <div className={styles.line}>
              <span className={styles.name}>
                {rank}. {name ?? <em>{unnamed}</em>}
              </span>
              <strong>{counted(playCount, 'play')}</strong>
            </div>
            <div className={styles.bar} aria-hidden="true">
              <span style={{ width: `${(playCount / most) * 100}%` }} />
            </div>
            <p className={styles.detail}>{[by, hours(listenedMs)].filter(Boolean).join(', ')}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
