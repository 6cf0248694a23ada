/** The last year drawn as a record. It has no table of its own, because the calendar's table has the numbers. */
import { type DiscDay, discMonths, discPaths, OUTER_RADIUS } from '@/charts/disc';
import { HEAT } from '@/charts/theme';
import { YEAR_DAYS } from '@/lib/days';
import { shortMonth } from '@/lib/format';
import styles from './Disc.module.css';

/** Radii in the units of the drawing. */
const LABEL_RADIUS = 30;
const MONTHS_RADIUS = 46;
const GROOVE_RADII = [70, 83, 96, 109, 122];

export function Disc({ days }: { days: DiscDay[] }) {
  const last = days.at(-1)?.day;
  if (!last) return null;
  return (
    <figure className={styles.disc}>
      <svg
        viewBox="-140 -140 280 280"
        role="img"
        aria-label="The last 365 days drawn as a record, one line per day"
      >
        <circle r={OUTER_RADIUS + 6} className={styles.plate} />
        {GROOVE_RADII.map((radius) => (
          <circle key={radius} r={radius} className={styles.groove} />
        ))}
        {discPaths(days, YEAR_DAYS).map((path, index) => (
          <path key={HEAT[index + 1]} d={path} stroke={HEAT[index + 1]} />
        ))}
        {discMonths(last, YEAR_DAYS).map(({ month, angle }) => (
          <text
            key={month}
            transform={`rotate(${angle.toFixed(1)}) translate(0 ${-MONTHS_RADIUS}) rotate(${-angle.toFixed(1)})`}
          >
            {shortMonth(month)}
          </text>
        ))}
        <circle r={LABEL_RADIUS} className={styles.label} />
        <circle r="3" className={styles.hole} />
      </svg>
      <figcaption>Each line is a day. Longer means more listening.</figcaption>
    </figure>
  );
}
