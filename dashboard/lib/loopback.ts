/** Spotify rejects `localhost`, so viewers who use that name are redirected to 127.0.0.1. */

/** Return the URL to redirect to, or null when the host is not `localhost`. */
export function loopbackUrl(host: string | null, path: string): string | null {
  const port = /^localhost(:\d{1,5})?$/i.exec(host ?? '');
  return port ? `http://127.0.0.1${port[1] ?? ''}${path}` : null;
}
