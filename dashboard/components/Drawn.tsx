/** A drawing the server made, and what its shapes say when pointed at. */
import { Tips } from './Tips';

export function Drawn({ svg, tips }: { svg: string; tips: string[] }) {
  return (
    <Tips tips={tips}>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own SVG; ECharts escapes every text in its own */}
      <div dangerouslySetInnerHTML={{ __html: svg }} />
    </Tips>
  );
}
