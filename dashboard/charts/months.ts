/** Bars for months. */
import type { Bar } from '@/charts/bars';
import { month as monthText, shortMonth } from '@/lib/format';

export interface MonthValue {
  month: string;
  value: number;
  /** The tooltip's text after the name of the month. */
  detail: string;
}

/** Return one bar per month. If not all names fit, only quarters or only Januaries are named. */
export function monthBars(months: MonthValue[], nameLimit: number): Bar[] {
  const step = [1, 3, 12].find((each) => months.length / each <= nameLimit) ?? 12;
  return months.map(({ month, value, detail }) => {
    const isNamed = (Number(month.slice(5, 7)) - 1) % step === 0;
    const year = month.slice(5, 7) === '01' ? `\n${month.slice(0, 4)}` : '';
    return { label: isNamed ? shortMonth(month) + year : '', value, tip: `${monthText(month)}: ${detail}` };
  });
}
