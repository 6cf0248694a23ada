/** Streaks, each with a bar as long as it lasted. */
import { counted, days } from '@/lib/format';
import { RowList } from './RowList';

interface Streak {
  started_on: string;
  ended_on: string;
  day_count: number;
  play_count: number;
}

interface Props {
  title: string;
  streaks: Streak[];
  /** The days of a full bar. */
  longestDays: number;
}

export function StreakList({ title, streaks, longestDays }: Props) {
  const rows = streaks.map(({ started_on, ended_on, day_count, play_count }) => ({
    key: started_on,
    name: days(started_on, ended_on),
    value: counted(day_count, 'day'),
    share: day_count / longestDays,
    detail: counted(play_count, 'play'),
  }));
  return <RowList title={title} rows={rows} />;
}
