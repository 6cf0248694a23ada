/** The page's address. It is the only state of the page. */
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

/** Parse the query parameters. Return null when one is malformed; ignore unknown ones. */
export function parseAddress(parameters: Record<string, string | string[] | undefined>): Address | null {
  return Address.safeParse(parameters).data ?? null;
}
