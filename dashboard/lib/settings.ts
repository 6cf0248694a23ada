/** The dashboard's settings, read from the environment once. */
import { z } from 'zod';

/** Where Spotify keeps its pictures, and where the simulated Spotify draws its own. */
const IMAGE_ORIGINS = `https://i.scdn.co http://127.0.0.1:${process.env.SPOTIFY_PORT || '8090'}`;

const Settings = z.object({
  DASHBOARD_DATABASE_URL: z
    .string({ error: 'give it the URL (postgresql://...) of the database to show' })
    .regex(/^postgres(ql)?:\/\//, 'it must be a postgresql:// URL'),
  DASHBOARD_IMAGE_ORIGINS: z
    .string()
    .default(IMAGE_ORIGINS)
    .transform((origins) => origins.split(/[\s,]+/).filter(Boolean))
    .refine(
      (origins) => origins.every((origin) => /^https?:\/\/[\w.-]+(:\d+)?$/.test(origin)),
      'it must be a list of origins such as https://i.scdn.co',
    ),
});

let known: z.infer<typeof Settings> | undefined;

/** Read at first use, not at import: the build has no database. */
export function settings(): z.infer<typeof Settings> {
  known ??= Settings.parse(process.env);
  return known;
}

/** Ends the process with one sentence for each setting that is missing or wrong. */
export function refuseWithoutSettings(): void {
  const { error } = Settings.safeParse(process.env);
  if (!error) return;
  for (const issue of error.issues)
    console.error(`The setting ${issue.path.join('.')} is missing or wrong: ${issue.message}.`);
  process.exit(1);
}
