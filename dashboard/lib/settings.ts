/** The dashboard's settings, read from the environment once. */
import { z } from 'zod';

/** Where Spotify keeps covers and pictures. */
const SPOTIFY_IMAGES = 'https://i.scdn.co';

const Settings = z.object({
  DASHBOARD_DATABASE_URL: z
    .string({ error: 'DASHBOARD_DATABASE_URL is not set' })
    .regex(/^postgres(ql)?:\/\//, 'DASHBOARD_DATABASE_URL is not a postgresql:// URL'),
  DASHBOARD_IMAGE_ORIGINS: z
    .string()
    .default(SPOTIFY_IMAGES)
    .transform((origins) => origins.split(/[\s,]+/).filter((origin) => /^https?:\/\/[\w.:-]+$/.test(origin))),
});

let known: z.infer<typeof Settings> | undefined;

/** Read at first use, not at import: the build has no database. */
export function settings(): z.infer<typeof Settings> {
  known ??= Settings.parse(process.env);
  return known;
}
