/** Bars of months, each named where there is room. */
import type { Bar } from '@/charts/bars';
import { month as monthText, shortMonth } from '@/lib/format';

export interface MonthValue {
  month: string;
  value: number;
  /** What is said of the month when it is pointed at. */
  said: string;
}

/** At most `labels` of the bars can be named: all months, or quarters, or Januaries. */
export function monthBars(months: MonthValue[], labels: number): Bar[] {
  const step = [1, 3, 12].find((each) => months.length / each <= labels) ?? 12;
  return months.map(({ month, value, said }) => {
    const isNamed = (Number(month.slice(5, 7)) - 1) % step === 0;
    const year = month.slice(5, 7) === '01' ? `\n${month.slice(0, 4)}` : '';
    return { label: isNamed ? shortMonth(month) + year : '', value, tip: `${monthText(month)}: ${said}` };
  });
}
