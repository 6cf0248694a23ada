/** Spotify refuses `localhost`, so a viewer who came by that name goes on at 127.0.0.1, where all links lead. */

/** Where to go on, or null when the viewer did not come by `localhost`. */
export function loopbackUrl(host: string | null, path: string): string | null {
  const port = /^localhost(:\d{1,5})?$/i.exec(host ?? '');
  return port ? `http://127.0.0.1${port[1] ?? ''}${path}` : null;
}
