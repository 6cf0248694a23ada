/** A calendar of one year, in two parts: side by side on a wide page, one below the other on a narrow one. */
import { type CalendarDay, calendarParts } from '@/charts/calendar';
import { InlineSvg } from '@/components/figure/InlineSvg';
import styles from './Calendar.module.css';

const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', ''];

export function Calendar({ days }: { days: CalendarDay[] }) {
  return (
    <div className={styles.calendar}>
      {calendarParts(days).map(({ weeks, months, svg, tips }) => (
        <div key={tips[0]} className={styles.part} style={{ flexGrow: weeks }}>
          <div className={styles.weekdays} aria-hidden="true">
            {WEEKDAYS.map((name, row) => (
              <span key={name || row}>{name}</span>
            ))}
          </div>
          <div className={styles.weeks}>
            <div className={styles.months} aria-hidden="true">
              {months.map(({ day, name, left }) => (
                <span key={day} style={{ left: `${left.toFixed(2)}%` }}>
                  {name}
                </span>
              ))}
            </div>
            <InlineSvg svg={svg} tips={tips} />
          </div>
        </div>
      ))}
    </div>
  );
}
