/** Upright bars over named places. */
import type { Drawing } from '@/charts/render';
import { ACCENT, GRID_LINE, LABEL, VALUE_LABEL } from '@/charts/theme';

export interface Bar {
  /** Empty where there is no room for it. */
  label: string;
  value: number;
  tip: string;
  /** Written over the bar; without it the chart has an axis instead. */
  mark?: string;
}

/** `unit` stands after each number of the axis. */
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
