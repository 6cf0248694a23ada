/** When the numbers were last updated, by which load, and from which database they come. */
import { moment, UNKNOWN } from '@/lib/format';
import type { Freshness, Load } from '@/lib/freshness';
import styles from './FreshnessNote.module.css';

export function FreshnessNote({ freshness, timeZone }: { freshness: Freshness; timeZone: string }) {
  const { database, load, isUpdating } = freshness;
  return (
    <p className={styles.freshness} data-testid="freshness">
      {load ? (
        <>
          <span>
            Updated <strong>{load.publishedAt ? moment(load.publishedAt, timeZone) : UNKNOWN}</strong>
          </span>
          <span>
            Load <strong>{load.id}</strong>
            {checks(load)}
          </span>
        </>
      ) : (
        <span>Not updated yet</span>
      )}
      <span>
        Database <strong>{database}</strong>
      </span>
      <span>Times in {timeZone}</span>
      {isUpdating && (
        <span className={styles.updating} data-testid="updating">
          New plays are arriving, so some numbers may not match yet
        </span>
      )}
    </p>
  );
}

function checks({ checksPassed, checksWarned }: Load): string {
  if (checksPassed + checksWarned === 0) return '';
  const warnings = checksWarned > 0 ? `, ${checksWarned} with a warning` : '';
  return `, ${checksPassed} checks passed${warnings}`;
}
