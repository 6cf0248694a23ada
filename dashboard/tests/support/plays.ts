/** Two listeners with a day of plays each, and a panel that shows them, for tests of what is kept in memory. */
import { type MartPanel, panel } from '@/lib/panel';

export const TWO_LISTENERS = `
  TRUNCATE core.dim_listener, mart.daily_listening;
  INSERT INTO core.dim_listener VALUES ('ana', 'Ana', 'UTC', false, 'default', false, 1), ('bob', 'Bob', 'UTC', false, 'default', false, 1);
  INSERT INTO mart.daily_listening VALUES ('ana', '2026-11-01', 100, 1, 1, 1, 1), ('bob', '2026-11-01', 100, 1, 1, 1, 1)`;

/** Return a panel that shows what `draw` makes of the listener's name, the plays of their days and the year, if one is chosen. */
export function playsPanel(
  draw: (name: string, plays: string[], year: number | undefined) => string,
  usesYear = false,
): MartPanel {
  return panel({
    title: '',
    about: '',
    order: 1,
    width: 'half',
    empty: '',
    usesYear,
    query: (db, { listener }) =>
      db
        .selectFrom('mart.daily_listening')
        .select('play_count')
        .where('listener_id', '=', listener.id)
        .execute(),
    isEmpty: (days) => days.length === 0,
    picture: (days, { listener, year }) =>
      draw(
        listener.name,
        days.map(({ play_count }) => String(play_count)),
        year,
      ),
  });
}
