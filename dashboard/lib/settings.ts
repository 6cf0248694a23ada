/** The dashboard's settings, read from the environment. */
import { z } from 'zod';

/** Spotify's image server, and the simulated Spotify, which draws its own covers. */
const IMAGE_ORIGINS = `https://i.scdn.co http://127.0.0.1:${process.env.SPOTIFY_PORT || '8090'}`;

const Settings = z.object({
  DASHBOARD_DATABASE_URL: z
    .string({ error: 'set it to the postgresql:// URL of the database to show' })
    .regex(/^postgres(ql)?:\/\//, 'it must start with postgresql://'),
  DASHBOARD_IMAGE_ORIGINS: z
    .string()
    .default(IMAGE_ORIGINS)
    .transform((origins) => origins.split(/[\s,]+/).filter(Boolean))
    .refine(
      (origins) => origins.every((origin) => /^https?:\/\/[\w.-]+(:\d+)?$/.test(origin)),
      'it must be a list of origins such as https://i.scdn.co, separated by spaces or commas',
    ),
});

let parsed: z.infer<typeof Settings> | undefined;

/** Return the settings. They are read at first use, not at import, because the build has none. */
export function settings(): z.infer<typeof Settings> {
  parsed ??= Settings.parse(process.env);
  return parsed;
}

/** Exit with one log line for each setting that is missing or invalid. */
export function exitOnInvalidSettings(): void {
  const { error } = Settings.safeParse(process.env);
  if (!error) return;
  for (const issue of error.issues)
    console.error(`The setting ${issue.path.join('.')} is missing or invalid: ${issue.message}.`);
  process.exit(1);
}
