/** A drawing the server made, and what its shapes say when pointed at. */
import { Tooltips } from './Tooltips';

export function InlineSvg({ svg, tips }: { svg: string; tips: string[] }) {
  return (
    <Tooltips tips={tips}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own SVG; ECharts escapes every text in its own */}
      <div dangerouslySetInnerHTML={{ __html: svg }} />
    </Tooltips>
  );
}
