/** An SVG drawn on the server, with a tooltip for each of its shapes. */
import { Tooltips } from './Tooltips';

export function InlineSvg({ svg, tips }: { svg: string; tips: string[] }) {
  return (
    <Tooltips tips={tips}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the SVG is ours, and ECharts escapes every text */}
      <div dangerouslySetInnerHTML={{ __html: svg }} />
    </Tooltips>
  );
}
