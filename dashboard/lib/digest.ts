/** A short name of values: equal for equal ones. */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';

/** Return the digest. Dates, maps and undefined have other digests than values that JSON writes alike. */
export function digest(...values: unknown[]): string {
  return createHash('sha256').update(serialize(values)).digest('base64url');
}
