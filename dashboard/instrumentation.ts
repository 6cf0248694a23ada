/** Runs once, before the first request: without its settings the dashboard refuses to start. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { refuseWithoutSettings } = await import('@/lib/settings');
  refuseWithoutSettings();
}
