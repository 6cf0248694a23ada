/** Next.js calls this once, before the first request. The process exits when a setting is missing. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { exitOnInvalidSettings } = await import('@/lib/settings');
  exitOnInvalidSettings();
}
