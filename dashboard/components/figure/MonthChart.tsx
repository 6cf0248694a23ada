/** Bars of months, as many named as a wide page and a phone have room for. */
import { bars } from '@/charts/bars';
import { type MonthValue, monthBars } from '@/charts/months';
import { Chart } from './Chart';
import type { TableData } from './HiddenTable';

interface Props {
  title: string;
  description: string;
  months: MonthValue[];
  /** What the numbers of the axis are. */
  unit?: string;
  /** Whether the panel is as wide as the page or half of it. */
  width: 'whole' | 'half';
  table: TableData;
}

/** Sizes in pixels, and how many months can be named on each. */
const WIDE = { whole: { width: 1140, height: 220, named: 36 }, half: { width: 520, height: 200, named: 16 } };
const NARROW = { width: 350, height: 200, named: 12 };

export function MonthChart({ title, description, months, unit = '', width, table }: Props) {
  const wide = WIDE[width];
  return (
    <Chart
      title={title}
      description={description}
      wide={{ ...wide, ...bars(monthBars(months, wide.named), unit) }}
      narrow={{ ...NARROW, ...bars(monthBars(months, NARROW.named), unit) }}
      table={table}
    />
  );
}
