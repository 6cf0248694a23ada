/** An album's cover. Below it is the title's initial, which stays visible when there is no image or it does not load. */
import { settings } from '@/lib/settings';
import styles from './AlbumCover.module.css';

const HUES = 6;

export function AlbumCover({ title, url }: { title: string | null; url: string | null }) {
  const [initial = '?'] = title ?? '?';
  const hue = [...(title ?? '')].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
  return (
    <div className={styles.cover} data-hue={hue} aria-hidden="true">
      {initial.toUpperCase()}
      {url && isAllowed(url) && (
        // biome-ignore lint/performance/noImgElement: next/image would download and store other people's images
        <img src={url} alt="" width="48" height="48" loading="lazy" referrerPolicy="no-referrer" />
      )}
    </div>
  );
}

/** Return whether the content security policy allows images from this URL. */
function isAllowed(url: string): boolean {
  return URL.canParse(url) && settings().DASHBOARD_IMAGE_ORIGINS.includes(new URL(url).origin);
}
