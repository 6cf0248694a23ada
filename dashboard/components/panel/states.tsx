/** What a panel shows in place of its picture. */
import type { ReactNode } from 'react';
import styles from './states.module.css';

export function Loading() {
  return (
    <div className={styles.loading} data-state="loading" role="status">
      Loading
    </div>
  );
}

/** A sentence inside a panel, in place of a picture for which the data is missing. */
export function Note({ children }: { children: ReactNode }) {
  return <p className={styles.note}>{children}</p>;
}

export function Empty({ sentence }: { sentence: string }) {
  return (
    <p className={styles.note} data-state="empty">
      {sentence}
    </p>
  );
}

export function Failed() {
  return (
    <p className={styles.note} data-state="error" role="alert">
      We couldn’t load this part. Reload the page to try again.
    </p>
  );
}
