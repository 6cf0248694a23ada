/** The last year as a record. Its numbers are in the calendar's table; here they are only a picture. */
import { type DiscDay, discMonths, discPaths, OUTER } from '@/charts/disc';
import { HEAT } from '@/charts/theme';
import { shortMonth } from '@/lib/format';
import styles from './Disc.module.css';

const YEAR_DAYS = 365;
/** Radii in the drawing's own units. */
const LABEL = 30;
const MONTHS = 46;
const GROOVES = [70, 83, 96, 109, 122];

export function Disc({ days }: { days: DiscDay[] }) {
  const last = days.at(-1)?.day;
  if (!last) return null;
  return (
    <figure className={styles.disc}>
      <svg viewBox="-140 -140 280 280" role="img" aria-label="The last 365 days as the lines of a record">
        <circle r={OUTER + 6} className={styles.plate} />
        {GROOVES.map((radius) => (
          <circle key={radius} r={radius} className={styles.groove} />
        ))}
        {discPaths(days, YEAR_DAYS).map((path, index) => (
          <path key={HEAT[index + 1]} d={path} stroke={HEAT[index + 1]} />
        ))}
        {discMonths(last, YEAR_DAYS).map(({ month, angle }) => (
          <text
            key={month}
            transform={`rotate(${angle.toFixed(1)}) translate(0 ${-MONTHS}) rotate(${-angle.toFixed(1)})`}
          >
            {shortMonth(month)}
          </text>
        ))}
        <circle r={LABEL} className={styles.label} />
        <circle r="3" className={styles.hole} />
      </svg>
      <figcaption>Each line a day of the last year, as long as the listening</figcaption>
    </figure>
  );
}
