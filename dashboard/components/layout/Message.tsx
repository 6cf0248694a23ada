/** A page with one message. */
import type { ReactNode } from 'react';
import styles from './Message.module.css';

interface Props {
  title: string;
  children: ReactNode;
  /** Seconds after which the browser reloads the page. */
  retryAfter?: number;
}

export function Message({ title, children, retryAfter }: Props) {
  return (
    <main className={styles.message} data-state="message">
      {retryAfter && <meta httpEquiv="refresh" content={String(retryAfter)} />}
      <div className={styles.disc} aria-hidden="true" />
      <h1>{title}</h1>
      <p>{children}</p>
    </main>
  );
}
