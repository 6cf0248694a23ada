/** GET /healthz: 200 while the database answers, else 503. */
import { sql } from 'kysely';
import { read } from '@/lib/database';

export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  try {
    await read((db) => sql`select 1`.execute(db));
    return Response.json({ status: 'ok', database: 'ok' });
  } catch (error) {
    console.error(`The database does not answer: ${error instanceof Error ? error.message : error}`);
    return Response.json({ status: 'unavailable', database: 'unreachable' }, { status: 503 });
  }
}
