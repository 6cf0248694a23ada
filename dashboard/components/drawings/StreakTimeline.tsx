/** One row per artist: the longest streak as text, and all streaks on a time line. */
import { place, ticks } from '@/charts/timeline';
import { Figure } from '@/components/figure/Figure';
import { count, counted, day, days, shortMonth, UNKNOWN } from '@/lib/format';
import styles from './StreakTimeline.module.css';

export interface Streak {
  from: string;
  to: string;
  dayCount: number;
  playCount: number;
  isLongest: boolean;
}

interface Artist {
  id: string;
  name: string | null;
  streaks: Streak[];
}

export function StreakTimeline({ artists }: { artists: Artist[] }) {
  const streaks = artists.flatMap((artist) => artist.streaks);
  const first = streaks.map(({ from }) => from).sort()[0] ?? '';
  const last =
    streaks
      .map(({ to }) => to)
      .sort()
      .at(-1) ?? '';
  return (
    <Figure
      title="Longest streaks by artist"
      description="Each mark is a streak. The boldest one is the artist’s longest."
      table={{
        head: ['Artist', 'Longest streak', 'From', 'To', 'Plays', 'Number of streaks'],
        rows: artists.map(tableRow),
      }}
    >
      <div className={styles.rows} aria-hidden="true">
        {artists.map((artist) => (
          <ArtistRow key={artist.id} artist={artist} first={first} last={last} />
        ))}
        <div className={styles.axis}>
          {ticks(first, last).map(({ day, left }) => (
            <span key={day} style={{ left: `${left}%` }}>
              {shortMonth(day)} {day.slice(0, 4)}
            </span>
          ))}
        </div>
      </div>
    </Figure>
  );
}

function tableRow({ name, streaks }: Artist): string[] {
  const longest = streaks.find(({ isLongest }) => isLongest);
  if (!longest) return [];
  const { from, to, dayCount, playCount } = longest;
  return [
    name ?? UNKNOWN,
    counted(dayCount, 'day'),
    day(from),
    day(to),
    count(playCount),
    count(streaks.length),
  ];
}

function ArtistRow({
  artist: { name, streaks },
  first,
  last,
}: {
  artist: Artist;
  first: string;
  last: string;
}) {
  const longest = streaks.find(({ isLongest }) => isLongest);
  return (
    <div className={styles.row}>
      <div className={styles.name}>
        <span>{name ?? <em>Unknown artist</em>}</span>
        {longest && <small>{days(longest.from, longest.to)}</small>}
      </div>
      <div className={styles.track}>
        {streaks.map((streak) => {
          const { left, width } = place(streak.from, streak.to, first, last);
          return (
            <span
              key={streak.from}
              data-longest={streak.isLongest || undefined}
              title={`${days(streak.from, streak.to)}: ${counted(streak.dayCount, 'day')}, ${counted(streak.playCount, 'play')}`}
              style={{ left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` }}
            />
          );
        })}
      </div>
      <strong>
        {longest?.dayCount}
        <small> days</small>
      </strong>
    </div>
  );
}
