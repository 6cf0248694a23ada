/** Draws an ECharts option as SVG on the server, so that the browser does not load the library. */
import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

export interface Size {
  width: number;
  height: number;
}

/** A chart, and the tooltip of each datum of its only series. */
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
    return cleanSvg(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}

/** Remove what the page cannot use. The content security policy blocks ECharts' style sheet, which only sets cursors. */
function cleanSvg(svg: string): string {
  return svg
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
    .replace(/ class="zr\d+-cls-\d+"| ecmeta_(series_index|ssr_type)="\w+"/g, '')
    .replaceAll('ecmeta_data_index', 'data-datum')
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
}
