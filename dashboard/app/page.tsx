/** The page: a listener, and a list of panels. */
import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache, cacheSignal } from 'react';
import { Masthead } from '@/components/layout/Masthead';
import { Message } from '@/components/layout/Message';
import { Tooltips } from '@/components/layout/Tooltips';
import { Panel } from '@/components/panel/Panel';
import { panels } from '@/generated/panels';
import { type Address, parseAddress } from '@/lib/address';
import { href } from '@/lib/href';
import { loopbackUrl } from '@/lib/loopback';
import { type Frame, readPage } from '@/lib/page';
import { handedReading, servePages } from '@/lib/page_server';
import styles from './page.module.css';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const RETRY_SECONDS = 10;

servePages(panels);

/** One reading per request, shared by the metadata, the frame and the panels. */
const readOnce = cache(
  (id: string | undefined, year: number | undefined) =>
    handedReading<(typeof panels)[number]>() ?? readPage(panels, { id, year, signal: cacheSignal() }),
);

/** Return the frame, or null while the database cannot be read. */
async function readFrame({ listener, year }: Address): Promise<Frame | null> {
  try {
    return await readOnce(listener, year).frame;
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    console.error(`The page cannot be read from the database: ${reason}`);
    return null;
  }
}

/** Return what to show. A malformed address ends in a 404, and `localhost` in a redirect, before anything is read. */
async function readAddress({ searchParams }: Props): Promise<Address> {
  const address = parseAddress(await searchParams) ?? notFound();
  // Not in the proxy: there Next treats 127.0.0.1 and localhost as one host and makes the redirect relative.
  const url = loopbackUrl((await headers()).get('host'), href(address));
  return url ? redirect(url) : address;
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const frame = await readFrame(await readAddress(props));
  return { title: frame?.listener?.name };
}

export default async function Page(props: Props) {
  const address = await readAddress(props);
  const frame = await readFrame(address);
  if (!frame) return <DatabaseUnavailable />;
  const { listener, menu, freshness } = frame;
  if (!listener) return address.listener === undefined ? <NoListener /> : notFound();
  return (
    <>
      <Masthead listener={listener} menu={menu} freshness={freshness} />
      <Tooltips>
        <main className={styles.panels}>
          {readOnce(address.listener, address.year).panels.map(({ panel, drawing }) => (
            <Panel key={panel.mart} mart={panel.mart} panel={panel} drawing={drawing} />
          ))}
        </main>
      </Tooltips>
    </>
  );
}

function DatabaseUnavailable() {
  return (
    <Message title="We can’t reach the music data" retryAfter={RETRY_SECONDS}>
      The database isn’t answering. This page tries again every {RETRY_SECONDS} seconds.
    </Message>
  );
}

function NoListener() {
  return (
    <Message title="Nothing here yet">
      To see an example, run <code>make demo</code>. To see your own listening, run <code>make import</code>.
    </Message>
  );
}
