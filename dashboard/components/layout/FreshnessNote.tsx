/** When the numbers were last updated, by which load, from which database they come, and whether the replica equals main. */
import { moment, UNKNOWN } from '@/lib/format';
import type { Freshness, Load, ReplicaCheck } from '@/lib/freshness';
import { Age } from './Age';
import styles from './FreshnessNote.module.css';

interface Props {
  freshness: Freshness;
  timeZone: string;
}

export function FreshnessNote({ freshness, timeZone }: Props) {
  const { database, load, isUpdating, replica } = freshness;
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
      <span>
        {replicaState(replica)} <strong>{replica ? <Age of={replica.startedAt} /> : UNKNOWN}</strong>
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

function replicaState(replica: ReplicaCheck | null): string {
  if (!replica) return 'Replica equal to main:';
  return replica.isEqual ? 'Replica proven equal' : 'Replica found different from main';
}

function checks({ checksPassed, checksWarned }: Load): string {
  if (checksPassed + checksWarned === 0) return '';
  const warnings = checksWarned > 0 ? `, ${checksWarned} with a warning` : '';
  return `, ${checksPassed} checks passed${warnings}`;
}
