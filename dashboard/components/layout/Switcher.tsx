'use client';
/** The menu of listeners. It consists of links and works without scripts. The script only closes it. */
import { useEffect, useRef } from 'react';
import { count } from '@/lib/format';
import { href } from '@/lib/href';
import type { Listener } from '@/lib/listeners';
import styles from './Switcher.module.css';

export function Switcher({ listener, menu }: { listener: Listener; menu: Listener[] }) {
  const details = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    const close = () => details.current?.removeAttribute('open');
    const onPointer = ({ target }: PointerEvent) => {
      if (!details.current?.contains(target as Node)) close();
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape' || !details.current?.open) return;
      close();
      details.current.querySelector('summary')?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, []);

  return (
    <details ref={details} className={styles.switcher}>
      <summary>
        <span className={styles.label}>Listener</span>
        <span className={styles.current}>{listener.name}</span>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path
            d="M2.5 4.5 6 8l3.5-3.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinecap="round"
          />
        </svg>
      </summary>
      <nav aria-label="Listeners">
        <ul>
          {menu.map(({ id, name, playCount, isSimulated }) => (
            <li key={id}>
              <a href={href({ listener: id })} aria-current={id === listener.id ? 'page' : undefined}>
                <span className={styles.name}>{name}</span>
                {isSimulated && <span className={styles.simulated}>simulated</span>}
                <span className={styles.plays}>{count(playCount)}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </details>
  );
}
