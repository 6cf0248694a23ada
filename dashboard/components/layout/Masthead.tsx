/** The top of the page: the listener, a menu of the others, and how fresh the numbers are. */
import type { Freshness } from '@/lib/freshness';
import type { Listener } from '@/lib/listeners';
import { FreshnessNote } from './FreshnessNote';
import styles from './Masthead.module.css';
import { Switcher } from './Switcher';

interface Props {
  listener: Listener;
  menu: Listener[];
  freshness: Freshness;
}

export function Masthead({ listener, menu, freshness }: Props) {
  return (
    <header className={styles.masthead}>
      <div className={styles.bar}>
        <a href="/" className={styles.brand}>
          <span className={styles.mark} aria-hidden="true" />
          Listening
        </a>
        <Switcher listener={listener} menu={menu} />
      </div>
      <div className={styles.title}>
        <h1>{listener.name}</h1>
        {listener.isSimulated && (
          <span className={styles.simulated} title="Made-up plays, for the demo">
            Simulated
          </span>
        )}
        <FreshnessNote freshness={freshness} timeZone={listener.timeZone} />
      </div>
    </header>
  );
}
