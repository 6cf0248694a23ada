/** The most played tracks, artists and albums, of all time or of one year. */
import { type RankedItem, TopList } from '@/components/lists/TopList';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';
import styles from './top_item.module.css';

const LISTED = 8;
const ALL_TIME = '1970-01-01';

/** Select the top items of one kind. The caller joins their names. */
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
    .select(['track.title as name', 'artist.name as artist'])
    .execute();
  const artists = await ranked(db, view, 'artist')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'item.item_id')
    .select('artist.name as name')
    .execute();
  const albums = await ranked(db, view, 'album')
    .leftJoin('core.dim_album as album', 'album.album_id', 'item.item_id')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'album.artist_id')
    .select(['album.title as name', 'artist.name as artist'])
    .execute();
  return { tracks, artists: artists.map((artist): RankedItem => ({ ...artist, artist: null })), albums };
}

type Data = Awaited<ReturnType<typeof query>>;

function picture({ tracks, artists, albums }: Data, { year }: View) {
  const period = year === undefined ? 'of all time' : `of ${year}`;
  return (
    <div className={styles.lists}>
      <TopList title={`Tracks ${period}`} items={tracks} unnamed="Unknown track" empty="No tracks." />
      <TopList
        title={`Artists ${period}`}
        items={artists}
        unnamed="Unknown artist"
        empty="No known artists."
      />
      <TopList title={`Albums ${period}`} items={albums} unnamed="Unknown album" empty="No known albums." />
    </div>
  );
}

export default panel({
  title: 'Most played',
  about: 'Ranked by plays, then by time listened. Choose a year above.',
  order: 22,
  width: 'whole',
  empty: 'Nothing was played in this period.',
  usesYear: true,
  query,
  isEmpty: ({ tracks }) => tracks.length === 0,
  picture,
});
