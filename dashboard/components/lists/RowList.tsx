/** A titled list of rows with bars. */
import { BarRow, type Row } from './BarRow';
import styles from './RowList.module.css';

interface Props {
  title: string;
  rows: Row[];
  /** The sentence shown when there are no rows. */
  empty?: string;
}

export function RowList({ title, rows, empty }: Props) {
  return (
    <div className={styles.list}>
      <h3>{title}</h3>
      {rows.length === 0 && empty && <p className={styles.detail}>{empty}</p>}
      <ol>
        {rows.map(({ key, ...row }) => (
          <li key={key}>
            <BarRow {...row} />
          </li>
        ))}
      </ol>
    </div>
  );
}
