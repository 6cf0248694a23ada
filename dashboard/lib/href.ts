/** Builds the page's address. Separate from its parser, which would send zod to the browser. */
import type { Address } from '@/lib/address';

export function href(address: Address): string {
  const parameters = new URLSearchParams();
  if (address.listener !== undefined) parameters.set('listener', address.listener);
  if (address.year !== undefined) parameters.set('year', String(address.year));
  return parameters.size ? `/?${parameters}` : '/';
}
