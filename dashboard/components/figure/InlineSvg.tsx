/** An SVG drawn on the server, with a tooltip for each of its shapes. <Tooltips> shows them. */
import styles from './InlineSvg.module.css';

/** Tooltips, one per line. The shape with `data-datum="0"` has the first one. */
export const tipLines = (tips: string[]): string => tips.join('\n');

export function InlineSvg({ svg, tips }: { svg: string; tips?: string[] }) {
  return (
    <div
      className={styles.picture}
      data-tips={tips && tipLines(tips)}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: the SVG is ours, and ECharts escapes every text
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
