/** The frame of every picture: title, description, and the numbers as a table for screen readers. */
import type { ReactNode } from 'react';
import styles from './Figure.module.css';
import { HiddenTable, type TableData } from './HiddenTable';

interface Props {
  title: string;
  description: string;
  table: TableData;
  children: ReactNode;
}

export function Figure({ title, description, table, children }: Props) {
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <h3>{title}</h3>
        <p>{description}</p>
      </figcaption>
      {children}
      <HiddenTable caption={title} {...table} />
    </figure>
  );
}
