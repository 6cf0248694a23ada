/** A figure drawn by ECharts in two sizes, because a chart for a wide page is unreadable on a phone. Both show the same data. */
import { type Drawing, renderSvg, type Size } from '@/charts/render';
import styles from './Chart.module.css';
import { Figure } from './Figure';
import type { TableData } from './HiddenTable';
import { InlineSvg, tipLines } from './InlineSvg';

interface Version extends Size, Drawing {}

interface Props {
  title: string;
  description: string;
  wide: Version;
  narrow: Version;
  table: TableData;
}

export function Chart({ title, description, wide, narrow, table }: Props) {
  return (
    <Figure title={title} description={description} table={table}>
      <div data-tips={tipLines(wide.tips)}>
        <div className={styles.wide}>
          <InlineSvg svg={renderSvg(wide.option, wide)} />
        </div>
        <div className={styles.narrow}>
          <InlineSvg svg={renderSvg(narrow.option, narrow)} />
        </div>
      </div>
    </Figure>
  );
}
