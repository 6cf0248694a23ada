/** The top of the page: whose listening it is, the way to the others, and how fresh it is. */
import { moment } from '@/lib/format';
import type { Listener } from '@/lib/listeners';
import type { Published } from '@/lib/published';
import styles from './Masthead.module.css';
import { Switcher } from './Switcher';

interface Props {
  listener: Listener;
  menu: Listener[];
  published: Published;
}

export function Masthead({ listener, menu, published }: Props) {
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
          <span className={styles.simulated} title="These plays come from the simulated Spotify">
            Simulated
          </span>
        )}
        <Freshness published={published} timeZone={listener.timeZone} />
      </div>
    </header>
  );
}

function Freshness({ published: { database, load }, timeZone }: { published: Published; timeZone: string }) {
  return (
    <p className={styles.freshness} data-testid="freshness">
      <span>
        Database <strong>{database}</strong>
      </span>
      {load ? (
        <>
          <span>
            Load <strong>{load.id}</strong>
            {load.checksPassed + load.checksWarned > 0 && `, ${gate(load)}`}
          </span>
          <span>
            Published {load.publishedAt ? moment(load.publishedAt, timeZone) : 'at an unknown time'}
          </span>
        </>
      ) : (
        <span>No load published yet</span>
      )}
      <span>Times in {timeZone}</span>
    </p>
  );
}

function gate({ checksPassed, checksWarned }: { checksPassed: number; checksWarned: number }): string {
  return `${checksPassed} checks passed${checksWarned ? `, ${checksWarned} warned` : ''}`;
}
