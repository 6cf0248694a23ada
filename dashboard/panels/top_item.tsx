/** The most played tracks, artists and albums: of all time, or of the year that the page shows. */
import { type RankedItem, TopList } from '@/components/lists/TopList';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';
import styles from './top_item.module.css';

const LISTED = 8;
const ALL_TIME = '1970-01-01';

/** Ranks of one kind of item; the named item is joined by the caller. */
function ranked(db: Reader, { listener, year }: View, kind: 'track' | 'artist' | 'album') {
  return db
    .selectFrom('mart.top_item as item')
    .where('item.listener_id', '=', listener.id)
    .where('item.period', '=', year === undefined ? 'all' : 'year')
    .where('item.period_start', '=', year === undefined ? ALL_TIME : `${year}-01-01`)
    .where('item.item_kind', '=', kind)
    .where('item.rank', '<=', LISTED)
    .orderBy('item.rank')
    .select(['item.rank', 'item.play_count as playCount', 'item.listened_ms as listenedMs']);
}

async function query(db: Reader, view: View) {
  const tracks = await ranked(db, view, 'track')
    .leftJoin('core.dim_track as track', 'track.track_id', 'item.item_id')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'track.artist_id')
    .select(['track.title as name', 'artist.name as by'])
    .execute();
  const artists = await ranked(db, view, 'artist')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'item.item_id')
    .select('artist.name as name')
    .execute();
  const albums = await ranked(db, view, 'album')
    .leftJoin('core.dim_album as album', 'album.album_id', 'item.item_id')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'album.artist_id')
    .select(['album.title as name', 'artist.name as by'])
    .execute();
  return { tracks, artists: artists.map((artist): RankedItem => ({ ...artist, by: null })), albums };
}

type Data = Awaited<ReturnType<typeof query>>;

function picture({ tracks, artists, albums }: Data, { year }: View) {
  const of = year === undefined ? 'of all time' : `of ${year}`;
  return (
    <div className={styles.lists}>
      <TopList title={`Tracks ${of}`} items={tracks} unnamed="Unknown track" empty="No track was played." />
      <TopList title={`Artists ${of}`} items={artists} unnamed="Unknown artist" empty="No artist is known." />
      <TopList title={`Albums ${of}`} items={albums} unnamed="Unknown album" empty="No album is known." />
    </div>
  );
}

export default panel({
  title: 'Most played',
  about: 'By plays, then by time listened; of all time, or of the year that is chosen above.',
  order: 22,
  width: 'whole',
  empty: 'Nothing was played in this time.',
  query,
  isEmpty: ({ tracks }) => tracks.length === 0,
  picture,
});
