/** One panel: its title, then its picture or the state it is in. */
import { type ReactNode, Suspense } from 'react';
import type { Draw, MartPanel } from '@/lib/panel';
import styles from './Panel.module.css';
import { Empty, Failed, Loading } from './states';

interface Props {
  mart: string;
  panel: MartPanel;
  drawing: Promise<Draw>;
}

export function Panel({ mart, panel, drawing }: Props) {
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
        <Content mart={mart} empty={panel.empty} drawing={drawing} />
      </Suspense>
    </section>
  );
}

async function Content({ mart, empty, drawing }: { mart: string; empty: string; drawing: Promise<Draw> }) {
  let content: ReactNode | null;
  try {
    content = (await drawing)();
  } catch (error) {
    console.error(`Panel ${mart} failed: ${error instanceof Error ? error.message : error}`);
    return <Failed />;
  }
  return content ?? <Empty sentence={empty} />;
}
