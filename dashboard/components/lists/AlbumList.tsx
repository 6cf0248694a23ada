/** Albums below each other: cover or initial, how far they were heard, and when they were finished. */
import { counted, day, share } from '@/lib/format';
import { settings } from '@/lib/settings';
import styles from './AlbumList.module.css';
import rows from './Rows.module.css';

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
    <div className={`${rows.list} ${styles.albums}`}>
      <h3>{title}</h3>
      {albums.length === 0 && <p className={rows.detail}>{empty}</p>}
      <ul>
        {albums.map((album) => (
          <li key={album.album_id}>
            <Cover title={album.title} url={album.image_url} />
            <div className={styles.text}>
              <div className={rows.line}>
                <span className={styles.title}>{album.title ?? <em>Unknown album</em>}</span>
                <strong>{album.completed_on ? day(album.completed_on) : share(album.completion)}</strong>
              </div>
              <div
                className={rows.bar}
                data-finished={album.completed_on ? '' : undefined}
                aria-hidden="true"
              >
                <span style={{ width: `${(album.completion ?? 0) * 100}%` }} />
              </div>
              <p className={rows.detail}>
                {album.artist_name ?? 'Unknown artist'}, {progress(album)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function progress({ tracks_played, total_tracks, first_played_on, completed_on }: Album): string {
  if (total_tracks === null) return `${counted(tracks_played, 'track')} of an unknown number`;
  if (completed_on) return `${counted(total_tracks, 'track')}, begun ${day(first_played_on)}`;
  return `${tracks_played} of ${counted(total_tracks, 'track')}`;
}

const HUES = 6;

/** The initial lies under the picture: it stays when there is none, or when it does not load. */
function Cover({ title, url }: { title: string | null; url: string | null }) {
  const [initial = '?'] = title ?? '?';
  const hue = [...(title ?? '')].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
  return (
    <div className={styles.cover} data-hue={hue} aria-hidden="true">
      {initial.toUpperCase()}
      {url && isAllowed(url) && (
        // biome-ignore lint/performance/noImgElement: next/image would fetch and keep other people's pictures
        <img src={url} alt="" width="48" height="48" loading="lazy" referrerPolicy="no-referrer" />
      )}
    </div>
  );
}

/** Only from where the content security policy lets pictures come. */
function isAllowed(url: string): boolean {
  return URL.canParse(url) && settings().DASHBOARD_IMAGE_ORIGINS.includes(new URL(url).origin);
}
