/** Albums with their covers, how many of their tracks were played, and when they were finished. */
import { counted, day, share } from '@/lib/format';
import { AlbumCover } from './AlbumCover';
import styles from './AlbumList.module.css';
import { BarRow } from './BarRow';
import list from './RowList.module.css';

interface Album {
  album_id: string;
  title: string | null;
  artist_name: string | null;
  image_url: string | null;
  tracks_played: number;
  total_tracks: number | null;
  completion: number | null;
  first_played_on: string;
  completed_on: string | null;
}

export function AlbumList({ title, albums, empty }: { title: string; albums: Album[]; empty: string }) {
  return (
    <div className={`${list.list} ${styles.albums}`}>
      <h3>{title}</h3>
      {albums.length === 0 && <p className={list.detail}>{empty}</p>}
      <ul>
        {albums.map((album) => (
          <li key={album.album_id}>
            <AlbumCover title={album.title} url={album.image_url} />
            <div className={styles.text}>
              <BarRow
                name={album.title ?? <em>Unknown album</em>}
                value={album.completed_on ? day(album.completed_on) : share(album.completion)}
                share={album.completion ?? 0}
                detail={`${album.artist_name ?? 'Unknown artist'}, ${progress(album)}`}
                isFinished={album.completed_on !== null}
              />
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function progress({ tracks_played, total_tracks, first_played_on, completed_on }: Album): string {
  if (total_tracks === null) return `${counted(tracks_played, 'track')} played, total unknown`;
  if (completed_on) return `${counted(total_tracks, 'track')}, started ${day(first_played_on)}`;
  return `${tracks_played} of ${counted(total_tracks, 'track')}`;
}
