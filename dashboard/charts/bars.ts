/** Vertical bars with labels. */
import type { Drawing } from '@/charts/render';
import { ACCENT, GRID_LINE, LABEL, VALUE_LABEL } from '@/charts/theme';

export interface Bar {
  /** Empty when it does not fit. */
  label: string;
  value: number;
  tip: string;
  /** The value as text above the bar. Without it, the chart has an axis. */
  mark?: string;
}

/** Return a bar chart. `unit` follows each number of the axis. */
export function bars(data: Bar[], unit = ''): Drawing {
  const marked = data.some(({ mark }) => mark !== undefined);
  return {
    option: {
      grid: {
        left: 4,
        right: 4,
        top: marked ? 22 : 10,
        bottom: 4,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
      xAxis: {
        type: 'category',
        data: data.map(({ label }) => label),
        axisTick: { show: false },
        axisLine: GRID_LINE,
        axisLabel: { ...LABEL, lineHeight: 14, interval: 0 },
      },
      yAxis: {
        type: 'value',
        show: !marked,
        splitNumber: 3,
        splitLine: GRID_LINE,
        axisLabel: { ...LABEL, formatter: `{value}${unit}` },
      },
      series: [
        {
          type: 'bar',
          data: data.map(({ value, mark }) => ({
            value,
            label: {
              ...VALUE_LABEL,
              show: mark !== undefined,
              position: 'top',
              distance: 4,
              formatter: mark,
            },
          })),
          barCategoryGap: '22%',
          barMaxWidth: 44,
          itemStyle: { color: ACCENT, borderRadius: [3, 3, 0, 0] },
          emphasis: { disabled: true },
        },
      ],
    },
    tips: data.map(({ tip }) => tip),
  };
}
