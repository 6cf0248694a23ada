/** Draws an ECharts option as SVG text, on the server: the library never reaches the browser. */
import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

export interface Size {
  width: number;
  height: number;
}

/** What is drawn, and what each datum of its one series says when pointed at. */
export interface Drawing {
  option: EChartsCoreOption;
  tips: string[];
}

export function renderSvg(option: EChartsCoreOption, { width, height }: Size): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: 'inherit' },
      backgroundColor: 'transparent',
      ...option,
    });
    return forThePage(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}

/** The style sheet that ECharts adds only sets cursors, and the content security policy would refuse it. */
function forThePage(svg: string): string {
  return svg
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ class="zr\d+-cls-\d+"| ecmeta_(series_index|ssr_type)="\w+"/g, '')
    .replaceAll('ecmeta_data_index', 'data-datum')
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
}
