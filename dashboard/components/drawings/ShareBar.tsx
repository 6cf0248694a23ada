/** Parts of a whole as one bar, with their numbers in a legend. */
import { count } from '@/lib/format';
import styles from './ShareBar.module.css';

interface Part {
  name: string;
  count: number;
  color: string;
}

export function ShareBar({ title, parts }: { title: string; parts: Part[] }) {
  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <div className={styles.bar} aria-hidden="true">
        {parts
          .filter((part) => part.count > 0)
          .map((part) => (
            <span key={part.name} style={{ flexGrow: part.count, background: part.color }} />
          ))}
      </div>
      <ul className={styles.legend}>
        {parts.map((part) => (
          <li key={part.name}>
            <span style={{ background: part.color }} aria-hidden="true" />
            <strong>{count(part.count)}</strong> {part.name}
          </li>
        ))}
      </ul>
    </figure>
  );
}
