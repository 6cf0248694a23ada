/** The hours of a week, with weekdays at the left and hours below. */
import { HOURS, WEEKDAYS, type WeekHour, weekGrid } from '@/charts/week';
import { InlineSvg } from '@/components/figure/InlineSvg';
import styles from './WeekGrid.module.css';

const NAMED_HOURS = [0, 6, 12, 18];

export function WeekGrid({ hours }: { hours: WeekHour[] }) {
  return (
    <div className={styles.week}>
      <div className={styles.weekdays} aria-hidden="true">
        {WEEKDAYS.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <InlineSvg {...weekGrid(hours)} />
      <div className={styles.hours} aria-hidden="true">
        {NAMED_HOURS.map((hour) => (
          <span key={hour} style={{ left: `${(hour / HOURS) * 100}%` }}>
            {String(hour).padStart(2, '0')}:00
          </span>
        ))}
      </div>
    </div>
  );
}
