/** The page: whose listening it is, and a list of panels. */
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import { Masthead } from '@/components/layout/Masthead';
import { Message } from '@/components/layout/Message';
import { Panel } from '@/components/panel/Panel';
import { panels } from '@/generated/panels';
import { type Address, parseAddress } from '@/lib/address';
import { read } from '@/lib/database';
import { href } from '@/lib/href';
import { findListener, listenerMenu } from '@/lib/listeners';
import { loopbackUrl } from '@/lib/loopback';
import { published } from '@/lib/published';
import styles from './page.module.css';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const RETRY_SECONDS = 10;

/** Everything the page needs before its panels, or null while the database cannot be read. */
const frame = cache(async (id: string | undefined) => {
  try {
    return await read(async (db) => {
      const menu = await listenerMenu(db);
      const listener = id === undefined ? (menu[0] ?? null) : await findListener(db, id);
      return { menu, listener, published: await published(db) };
    });
  } catch (error) {
    console.error(
      `The page could not be read from the database: ${error instanceof Error ? error.message : error}`,
    );
    return null;
  }
});

async function address({ searchParams }: Props): Promise<Address> {
  return parseAddress(await searchParams) ?? notFound();
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { listener } = await address(props);
  return { title: (await frame(listener))?.listener?.name };
}

export default async function Page(props: Props) {
  const { listener: id, year } = await address(props);
  // Not in the proxy: Next takes 127.0.0.1 and localhost for one address there and makes the redirect a relative one.
  const elsewhere = loopbackUrl((await headers()).get('host'), href({ listener: id, year }));
  if (elsewhere) redirect(elsewhere);
  const found = await frame(id);
  if (!found) {
    return (
      <Message title="The database cannot be reached" retryAfter={RETRY_SECONDS}>
        Nothing can be shown until it answers again. This page tries by itself every {RETRY_SECONDS} seconds.
      </Message>
    );
  }
  const { listener, menu } = found;
  if (!listener && id !== undefined) notFound();
  if (!listener) {
    return (
      <Message title="No listener yet">
        Run <code>make demo</code> to see made-up listening, or <code>make import</code> to bring your own.
      </Message>
    );
  }
  return (
    <>
      <Masthead listener={listener} menu={menu} published={found.published} />
      <main className={styles.panels}>
        {panels.map(({ mart, ...panel }) => (
          <Panel key={mart} mart={mart} panel={panel} view={{ listener, year }} />
        ))}
      </main>
    </>
  );
}
