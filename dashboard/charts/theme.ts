/** Colours of the charts. They are CSS variables, so that one drawing fits the light and the dark page. */
export const HEAT = [
  'var(--heat-0)',
  'var(--heat-1)',
  'var(--heat-2)',
  'var(--heat-3)',
  'var(--heat-4)',
  'var(--heat-5)',
];
export const ACCENT = 'var(--heat-4)';
export const LABEL = { color: 'var(--ink-soft)', fontSize: 11 };
export const VALUE_LABEL = { color: 'var(--ink)', fontSize: 11, fontWeight: 500 };
export const GRID_LINE = { lineStyle: { color: 'var(--line)' } };
