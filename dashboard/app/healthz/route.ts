/** GET /healthz: 200 while the database answers in time, 503 otherwise. */
import { sql } from 'kysely';
import { readSnapshot } from '@/lib/database';

export const dynamic = 'force-dynamic';

const ANSWER_LIMIT_MS = 3_000;

/** Reject after `ms`. The timer does not keep the process alive. */
function timeout(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref();
  });
}

export async function GET(): Promise<Response> {
  try {
    await Promise.race([readSnapshot((db) => sql`select 1`.execute(db)), timeout(ANSWER_LIMIT_MS)]);
    return Response.json({ status: 'ok', database: 'ok' });
  } catch (error) {
    console.error(`The database does not answer: ${error instanceof Error ? error.message : error}`);
    return Response.json({ status: 'unavailable', database: 'unreachable' }, { status: 503 });
  }
}
