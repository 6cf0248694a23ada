'use client';
/** Shows the text of the shape below the pointer. The server draws the shapes and numbers them in `data-datum`. */
import { type PointerEvent, type ReactNode, useState } from 'react';
import styles from './Tooltips.module.css';

interface Tip {
  text: string;
  x: number;
  y: number;
}

/** Half the width of the widest tooltip. Closer to the edge, it would leave the page. */
const MARGIN_PX = 100;

export function Tooltips({ tips, children }: { tips: string[]; children: ReactNode }) {
  const [tip, setTip] = useState<Tip | null>(null);

  function point(event: PointerEvent<HTMLDivElement>) {
    const shape = (event.target as Element).closest('[data-datum]');
    const text = tips[Number(shape?.getAttribute('data-datum') ?? -1)];
    if (!shape || !text) return setTip(null);
    const box = shape.getBoundingClientRect();
    const frame = event.currentTarget.getBoundingClientRect();
    const middle = box.left + box.width / 2 - frame.left;
    setTip({
      text,
      x: Math.max(MARGIN_PX, Math.min(middle, frame.width - MARGIN_PX)),
      y: box.top - frame.top,
    });
  }

  return (
    <div
      className={styles.tips}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => setTip(null)}
    >
      {children}
      {tip && (
        <div className={styles.tip} aria-hidden="true" style={{ left: tip.x, top: tip.y }}>
          {tip.text}
        </div>
      )}
    </div>
  );
}
