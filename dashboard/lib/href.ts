/** The page's address for what it should show. Apart from its parser, which would bring zod to the browser. */
import type { Address } from '@/lib/address';

export function href(address: Address): string {
  const parameters = new URLSearchParams();
  if (address.listener !== undefined) parameters.set('listener', address.listener);
  if (address.year !== undefined) parameters.set('year', String(address.year));
  return parameters.size ? `/?${parameters}` : '/';
}
