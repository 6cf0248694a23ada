/** The legend of the heat colours. */
import { HEAT } from '@/charts/theme';
import styles from './HeatLegend.module.css';

export function HeatLegend() {
  return (
    <div className={styles.legend} aria-hidden="true">
      Less
      {HEAT.map((color) => (
        <span key={color} style={{ background: color }} />
      ))}
      More
    </div>
  );
}
