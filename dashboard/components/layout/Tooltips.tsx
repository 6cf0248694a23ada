'use client';
/**
 * Shows the text of the shape below the pointer. One component serves all pictures, so that the page holds each text once:
 * the server numbers the shapes in `data-datum`, and the element around them has their texts in `data-tips`, one per line.
 */
import { type PointerEvent, type ReactNode, useState } from 'react';
import styles from './Tooltips.module.css';

interface Tip {
  text: string;
  x: number;
  y: number;
}

/** Half the width of the widest tooltip. Closer to the edge of the picture, it could leave the page. */
const MARGIN_PX = 100;

/** Return the tooltip of the shape at `target`, placed relative to `frame`. */
function tipAt(target: Element, frame: DOMRect): Tip | null {
  const shape = target.closest('[data-datum]');
  const picture = shape?.closest('[data-tips]');
  const text = picture?.getAttribute('data-tips')?.split('\n')[Number(shape?.getAttribute('data-datum'))];
  if (!shape || !picture || !text) return null;
  const box = shape.getBoundingClientRect();
  const { left, right } = picture.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  const x = Math.max(left + MARGIN_PX, Math.min(middle, right - MARGIN_PX));
  return { text, x: x - frame.left, y: box.top - frame.top };
}

export function Tooltips({ children }: { children: ReactNode }) {
  const [tip, setTip] = useState<Tip | null>(null);
  const point = ({ target, currentTarget }: PointerEvent<HTMLDivElement>) =>
    setTip(tipAt(target as Element, currentTarget.getBoundingClientRect()));
  return (
    <div
      className={styles.frame}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => setTip(null)}
    >
      {children}
      {tip && (
        <div
          className={styles.tip}
          data-testid="tooltip"
          aria-hidden="true"
          style={{ left: tip.x, top: tip.y }}
        >
          {tip.text}
        </div>
      )}
    </div>
  );
}
