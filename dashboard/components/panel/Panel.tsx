/** One panel: its title, then its picture or the state it is in. */
import { after } from 'next/server';
import { Suspense } from 'react';
import { handOver, takeBack } from '@/lib/handover';
import type { Draw, MartPanel } from '@/lib/panel';
import { Markup } from './Markup';
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
  let html: string | null;
  try {
    html = (await drawing)();
  } catch (error) {
    console.error(`Panel ${mart} failed: ${error instanceof Error ? error.message : error}`);
    return <Failed />;
  }
  return html === null ? <Empty sentence={empty} /> : <Markup id={handedOver(html)} />;
}

/** Return the id under which <Markup> finds the HTML until the response has ended. */
function handedOver(html: string): string {
  const id = handOver(html);
  after(() => takeBack(id));
  return id;
}
