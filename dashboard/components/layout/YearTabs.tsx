/** The period of the calendar and the top lists: one year, or the last 365 days and all time. */
import { href } from '@/lib/href';
import styles from './YearTabs.module.css';

interface Props {
  listener: string;
  first: string;
  last: string;
  year: number | undefined;
}

export function YearTabs({ listener, first, last, year }: Props) {
  const from = Number(first.slice(0, 4));
  const years = Array.from(
    { length: Number(last.slice(0, 4)) - from + 1 },
    (_, index) => from + index,
  ).reverse();
  return (
    <nav className={styles.tabs} aria-label="Period">
      <a
        href={`${href({ listener })}#daily_listening`}
        aria-current={year === undefined ? 'true' : undefined}
      >
        Last 365 days
      </a>
      {years.map((each) => (
        <a
          key={each}
          href={`${href({ listener, year: each })}#daily_listening`}
          aria-current={year === each ? 'true' : undefined}
        >
          {each}
        </a>
      ))}
    </nav>
  );
}
