/** One bar per month. A wide page has room for more month names than a phone. */
import { bars } from '@/charts/bars';
import { type MonthValue, monthBars } from '@/charts/months';
import { Chart } from './Chart';
import type { TableData } from './HiddenTable';

interface Props {
  title: string;
  description: string;
  months: MonthValue[];
  /** The unit of the axis. */
  unit?: string;
  /** The width of the panel. */
  width: 'whole' | 'half';
  table: TableData;
}

/** Sizes in pixels, and the number of month names that fit. */
const WIDE = { whole: { width: 1140, height: 220, names: 36 }, half: { width: 520, height: 200, names: 16 } };
const NARROW = { width: 350, height: 200, names: 12 };

export function MonthChart({ title, description, months, unit = '', width, table }: Props) {
  const wide = WIDE[width];
  return (
    <Chart
      title={title}
      description={description}
      wide={{ ...wide, ...bars(monthBars(months, wide.names), unit) }}
      narrow={{ ...NARROW, ...bars(monthBars(months, NARROW.names), unit) }}
      table={table}
    />
  );
}
