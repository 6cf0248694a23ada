/** Adds a content security policy with a fresh nonce to every page. */
import { type NextRequest, NextResponse } from 'next/server';
import { freshNonce } from '@/lib/nonce';
import { settings } from '@/lib/settings';

/** Allow only our own scripts and styles. `style` attributes are allowed because bars and charts need them. */
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
  const policy = contentSecurityPolicy(freshNonce());
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy); // Next.js reads the nonce from here and adds it to its scripts.
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}

export const config = { matcher: '/((?!_next/|healthz).*)' };
