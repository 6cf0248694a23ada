/** What the page's address says. The URL is the only state the page has. */
import { z } from 'zod';

const Address = z.object({
  listener: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/)
    .optional(),
  year: z
    .string()
    .regex(/^(19|20)\d\d$/)
    .transform(Number)
    .optional(),
});

export type Address = z.infer<typeof Address>;

/** Null when a parameter is not of its form. */
export function parseAddress(parameters: Record<string, string | string[] | undefined>): Address | null {
  return Address.safeParse(parameters).data ?? null;
}
