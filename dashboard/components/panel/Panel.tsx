/** The frame that every panel shares: its title, and what stands there while it loads, when it is empty, when it fails. */
import { type ReactNode, Suspense } from 'react';
import type { MartPanel, View } from '@/lib/panel';
import styles from './Panel.module.css';

export function Panel({ mart, panel, view }: { mart: string; panel: MartPanel; view: View }) {
  return (
    <section
      className={`${styles.panel} ${styles[panel.width]}`}
      data-panel={mart}
      aria-labelledby={`${mart}-title`}
    >
      <header className={styles.header}>
        <h2 id={`${mart}-title`}>{panel.title}</h2>
        <p>{panel.about}</p>
      </header>
      <Suspense fallback={<Loading />}>
        <Content mart={mart} panel={panel} view={view} />
      </Suspense>
    </section>
  );
}

async function Content({ mart, panel, view }: { mart: string; panel: MartPanel; view: View }) {
  let content: ReactNode | null;
  try {
    content = await panel.content(view);
  } catch (error) {
    console.error(`Panel ${mart} failed: ${error instanceof Error ? error.message : error}`);
    return <Failed />;
  }
  return content === null ? <Empty sentence={panel.empty} /> : content;
}

function Loading() {
  return (
    <div className={styles.loading} data-state="loading" role="status">
      Loading
    </div>
  );
}

function Empty({ sentence }: { sentence: string }) {
  return (
    <p className={styles.note} data-state="empty">
      {sentence}
    </p>
  );
}

function Failed() {
  return (
    <p className={styles.note} data-state="error" role="alert">
      This panel could not be read from the database. The others may still be right; reload the page to try
      again.
    </p>
  );
}
