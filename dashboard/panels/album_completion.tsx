/** How much of each album was played: the totals, the albums finished last, and those almost finished. */
import { sql } from 'kysely';
import { ShareBar } from '@/components/drawings/ShareBar';
import { AlbumList } from '@/components/lists/AlbumList';
import type { Reader } from '@/lib/database';
import { panel, type View } from '@/lib/panel';
import styles from './album_completion.module.css';

const LISTED = 8;

async function query(db: Reader, { listener }: View) {
  const albums = db
    .selectFrom('mart.album_completion as completion')
    .where('completion.listener_id', '=', listener.id);
  const totals = await albums
    .select(({ fn }) => [
      fn.countAll<number>().filterWhere('completion', '=', 1).as('finished'),
      fn.countAll<number>().filterWhere(sql<boolean>`completion >= 0.5 and completion < 1`).as('half'),
      fn.countAll<number>().filterWhere('completion', '<', 0.5).as('started'),
      fn.countAll<number>().filterWhere('completion', 'is', null).as('unknown'),
    ])
    .executeTakeFirstOrThrow();
  const named = albums
    .leftJoin('core.dim_album as album', 'album.album_id', 'completion.album_id')
    .leftJoin('core.dim_artist as artist', 'artist.artist_id', 'album.artist_id')
    .select([
      'completion.album_id',
      'completion.tracks_played',
      'completion.total_tracks',
      'completion.completion',
      'completion.first_played_on',
      'completion.completed_on',
      'album.title',
      'album.image_url',
      'artist.name as artist_name',
    ])
    .limit(LISTED);
  const finished = await named
    .where('completion.completed_on', 'is not', null)
    .where('completion.total_tracks', '>', 1)
    .orderBy('completion.completed_on', 'desc')
    .orderBy('completion.total_tracks', 'desc')
    .orderBy('completion.album_id')
    .execute();
  const closest = await named
    .where('completion.completion', '<', 1)
    .orderBy('completion.completion', 'desc')
    .orderBy('completion.tracks_played', 'desc')
    .orderBy('completion.album_id')
    .execute();
  return { totals, finished, closest };
}

type Data = Awaited<ReturnType<typeof query>>;

function picture({ totals, finished, closest }: Data) {
  return (
    <>
      <ShareBar
        title="Albums by share of tracks played"
        parts={[
          { name: 'finished', count: totals.finished, color: 'var(--finished)' },
          { name: 'half or more', count: totals.half, color: 'var(--heat-3)' },
          { name: 'less than half', count: totals.started, color: 'var(--heat-1)' },
          { name: 'total unknown', count: totals.unknown, color: 'var(--line-strong)' },
        ]}
      />
      <div className={styles.columns}>
        <AlbumList
          title="Recently finished"
          albums={finished}
          empty="No album with more than one track is finished yet."
        />
        <AlbumList title="Almost finished" albums={closest} empty="No album is in progress." />
      </div>
    </>
  );
}

const sum = ({ finished, half, started, unknown }: Data['totals']) => finished + half + started + unknown;

export default panel({
  title: 'Albums, track by track',
  about: 'How many tracks of each album were played. An album is finished when all of them were.',
  order: 50,
  width: 'whole',
  empty: 'No albums yet.',
  query,
  isEmpty: ({ totals }) => sum(totals) === 0,
  picture,
});
