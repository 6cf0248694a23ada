/** A name with its value, a bar, and a line of detail below. */
import type { ReactNode } from 'react';
import styles from './RowList.module.css';

export interface Row {
  key: string | number;
  name: ReactNode;
  value: string;
  /** Length of the bar, from 0 to 1. */
  share: number;
  detail: string;
  /** Whether the bar has the colour of finished albums. */
  isFinished?: boolean;
}

export function BarRow({ name, value, share, detail, isFinished = false }: Omit<Row, 'key'>) {
  return (
    <>
      <div className={styles.line}>
        <span className={styles.name}>{name}</span>
        <strong>{value}</strong>
      </div>
      <div className={styles.bar} data-finished={isFinished ? '' : undefined} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className={styles.detail}>{detail}</p>
    </>
  );
}
