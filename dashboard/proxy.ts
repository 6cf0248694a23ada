/** Before every page: no `localhost` (Spotify refuses it, so all links use 127.0.0.1), and a content security policy. */
import { type NextRequest, NextResponse } from 'next/server';
import { settings } from '@/lib/settings';

/** Only our own scripts and styles run; `style` attributes are allowed, because bars and charts are drawn with them. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    `img-src 'self' data: ${settings().DASHBOARD_IMAGE_ORIGINS.join(' ')}`,
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function proxy(request: NextRequest): NextResponse {
  const [host, port] = (request.headers.get('host') ?? '').split(':');
  if (host === 'localhost') {
    const { pathname, search } = request.nextUrl;
    return NextResponse.redirect(`http://127.0.0.1${port ? `:${port}` : ''}${pathname}${search}`, 307);
  }
  const policy = contentSecurityPolicy(crypto.randomUUID());
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy); // Next reads the nonce from here and puts it on its own scripts.
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}

export const config = { matcher: '/((?!_next/|healthz).*)' };
