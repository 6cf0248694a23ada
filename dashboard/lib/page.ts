/** Everything one page shows, read from one snapshot of the database. */
import { isolated, type Reader, readSnapshot } from '@/lib/database';
import { type Freshness, readFreshness } from '@/lib/freshness';
import { findListener, type Listener, listenerMenu } from '@/lib/listeners';
import { type Draw, keptDraw, type MartPanel, type View } from '@/lib/panel';
import { enterSnapshot, type Snapshot } from '@/lib/snapshot_cache';

/** What the page needs before its panels. */
export interface Frame {
  menu: Listener[];
  /** Null when the address names an unknown listener, or when there is no listener at all. */
  listener: Listener | null;
  freshness: Freshness;
}

export interface PageReading<Panel extends MartPanel> {
  frame: Promise<Frame>;
  /** The panels in their order. `drawing` settles as soon as the panel's query has run. */
  panels: { panel: Panel; drawing: Promise<Draw> }[];
}

interface PageRequest {
  /** The listener in the address. Undefined means the first one of the menu. */
  id: string | undefined;
  year: number | undefined;
  /** Stops the reading before the next query once nobody waits for the page. */
  signal?: AbortSignal | null;
}

/**
 * Start to read a page: its frame, then its panels in order.
 *
 * The connection is released when the last query has run, however slowly the browser receives the page. A page never
 * uses a second connection, so pages that wait for the pool cannot block each other. Pages of the same snapshot share what
 * was read, as long as it is in memory.
 */
export function readPage<Panel extends MartPanel>(
  panels: Panel[],
  { id, year, signal }: PageRequest,
): PageReading<Panel> {
  const frame = Promise.withResolvers<Frame>();
  const readings = panels.map((panel) => ({ panel, ...Promise.withResolvers<Draw>() }));
  const all = [frame, ...readings];
  // A page that is redirected or not found awaits no panel: a rejection then is not an unhandled one.
  for (const { promise } of all) promise.catch(() => undefined);

  async function readAll(db: Reader): Promise<void> {
    signal?.throwIfAborted();
    const snapshot = await enterSnapshot(db);
    const found = await readFrame(db, id, snapshot);
    frame.resolve(found);
    const { listener } = found;
    if (!listener) throw new Error('The page has no listener, so its panels are not read.');
    for (const { panel, resolve, reject } of readings) {
      signal?.throwIfAborted();
      await readPanel(db, panel, { listener, year }, snapshot).then(resolve, reject);
    }
  }

  readSnapshot(readAll).catch((error) => {
    for (const { reject } of all) reject(error); // Has no effect on what is settled already.
  });
  return {
    frame: frame.promise,
    panels: readings.map(({ panel, promise }) => ({ panel, drawing: promise })),
  };
}

async function readFrame(db: Reader, id: string | undefined, snapshot: Snapshot): Promise<Frame> {
  const known = snapshot.find<Frame>(['frame', id]);
  if (known) return known;
  const menu = snapshot.find<Listener[]>(['menu']) ?? (await listenerMenu(db));
  snapshot.keep(['menu'], menu); // Frames share it, so that each is small.
  const listener = id === undefined ? (menu[0] ?? null) : await findListener(db, id);
  const frame = { menu, listener, freshness: await readFreshness(db, listener?.id) };
  snapshot.keep(['frame', id], frame);
  return frame;
}

/** Read a panel, unless it was read from this snapshot and its picture is still in memory. */
async function readPanel(
  db: Reader,
  panel: MartPanel,
  { listener, year }: View,
  snapshot: Snapshot,
): Promise<Draw> {
  const view = { listener, year: panel.usesYear ? year : undefined };
  const key = ['panel', panel.number, listener.id, view.year];
  const known = snapshot.find<{ picture: string }>(key);
  const kept = known && keptDraw(known.picture);
  if (kept) return kept;
  const draw = await isolated(db, () => panel.read(db, view));
  snapshot.keep(key, { picture: draw.key });
  return draw;
}
