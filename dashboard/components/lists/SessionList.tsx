/** Sessions, each with a bar as long as it lasted. */
import { counted, moment, span } from '@/lib/format';
import { RowList } from './RowList';

interface Session {
  started_at: Date;
  length_ms: number;
  play_count: number;
  artist_count: number;
  skip_count: number;
}

interface Props {
  title: string;
  sessions: Session[];
  /** The length of a full bar, in milliseconds. */
  longestMs: number;
  timeZone: string;
}

export function SessionList({ title, sessions, longestMs, timeZone }: Props) {
  const rows = sessions.map((session) => ({
    key: session.started_at.getTime(),
    name: <time dateTime={session.started_at.toISOString()}>{moment(session.started_at, timeZone)}</time>,
    value: span(session.length_ms),
    share: longestMs > 0 ? session.length_ms / longestMs : 0,
    detail: detail(session),
  }));
  return <RowList title={title} rows={rows} />;
}

function detail({ play_count, artist_count, skip_count }: Session): string {
  const skipped = skip_count > 0 ? `, ${skip_count} skipped` : '';
  return `${counted(play_count, 'play')}, ${counted(artist_count, 'artist')}${skipped}`;
}
