/** Runs of days below each other, each with a bar as long as it lasted. */
import { counted, days } from '@/lib/format';
import styles from './Rows.module.css';

interface Run {
  started_on: string;
  ended_on: string;
  day_count: number;
  play_count: number;
}

interface Props {
  title: string;
  runs: Run[];
  /** The days that fill the row. */
  most: number;
}

export function StreakList({ title, runs, most }: Props) {
  return (
    <div className={styles.list}>
      <h3>{title}</h3>
      <ol>
        {runs.map((run) => (
          <li key={run.started_on}>
            <div className={styles.line}>
              <span>{days(run.started_on, run.ended_on)}</span>
              <strong>{counted(run.day_count, 'day')}</strong>
            </div>
            <div className={styles.bar} aria-hidden="true">
              <span style={{ width: `${(run.day_count / most) * 100}%` }} />
            </div>
            <p className={styles.detail}>{counted(run.play_count, 'play')}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
