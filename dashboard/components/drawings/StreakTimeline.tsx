/** One row an artist: the longest streak in words, and every streak where it lies in time. */
import { place, ticks } from '@/charts/timeline';
import { Figure } from '@/components/figure/Figure';
import { count, counted, day, days, shortMonth, UNKNOWN } from '@/lib/format';
import styles from './StreakTimeline.module.css';

export interface Run {
  from: string;
  to: string;
  dayCount: number;
  playCount: number;
  isBest: boolean;
}

interface Artist {
  id: string;
  name: string | null;
  runs: Run[];
}

export function StreakTimeline({ artists }: { artists: Artist[] }) {
  const runs = artists.flatMap((artist) => artist.runs);
  const first = runs.map(({ from }) => from).sort()[0] ?? '';
  const last =
    runs
      .map(({ to }) => to)
      .sort()
      .at(-1) ?? '';
  return (
    <Figure
      title="Longest streaks by artist"
      description="Each mark is a streak, where it lies in time; the strongest is the artist's longest."
      table={{
        head: ['Artist', 'Longest streak', 'From', 'To', 'Plays in it', 'Streaks in all'],
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

function tableRow({ name, runs }: Artist): string[] {
  const best = runs.find(({ isBest }) => isBest);
  if (!best) return [];
  const { from, to, dayCount, playCount } = best;
  return [
    name ?? UNKNOWN,
    counted(dayCount, 'day'),
    day(from),
    day(to),
    count(playCount),
    count(runs.length),
  ];
}

function ArtistRow({ artist: { name, runs }, first, last }: { artist: Artist; first: string; last: string }) {
  const best = runs.find(({ isBest }) => isBest);
  return (
    <div className={styles.row}>
      <div className={styles.name}>
        <span>{name ?? <em>Unknown artist</em>}</span>
        {best && <small>{days(best.from, best.to)}</small>}
      </div>
      <div className={styles.track}>
        {runs.map((run) => {
          const { left, width } = place(run.from, run.to, first, last);
          return (
            <span
              key={run.from}
              data-best={run.isBest || undefined}
              title={`${days(run.from, run.to)}: ${counted(run.dayCount, 'day')}, ${counted(run.playCount, 'play')}`}
              style={{ left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` }}
            />
          );
        })}
      </div>
      <strong>
        {best?.dayCount}
        <small> days</small>
      </strong>
    </div>
  );
}
