/** Sessions below each other, each with a bar as long as it lasted. */
import { counted, moment, span } from '@/lib/format';
import styles from './Rows.module.css';

interface Session {
  started_at: Date;
  length_ms: number;
  play_count: number;
  artist_count: number;
  skip_count: number;
}

interface Props {
  title: string;
  sessions: Session[];
  /** The length that fills the row. */
  most: number;
  timeZone: string;
}

export function SessionList({ title, sessions, most, timeZone }: Props) {
  return (
    <div className={styles.list}>
      <h3>{title}</h3>
      <ol>
        {sessions.map((session) => (
          <li key={session.started_at.getTime()}>
            <div className={styles.line}>
              <time dateTime={session.started_at.toISOString()}>{moment(session.started_at, timeZone)}</time>
              <strong>{span(session.length_ms)}</strong>
            </div>
            <div className={styles.bar} aria-hidden="true">
              <span style={{ width: `${most > 0 ? (session.length_ms / most) * 100 : 0}%` }} />
            </div>
            <p className={styles.detail}>
              {counted(session.play_count, 'play')} of {counted(session.artist_count, 'artist')}
              {session.skip_count > 0 && `, ${session.skip_count} skipped`}
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}
