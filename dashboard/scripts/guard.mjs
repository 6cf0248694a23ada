/**
 * Refuses requests before Next.js sees them, by the endpoint's rule (flask_endpoint/web/security.py): until viewers can sign in, only
 * a browser on this machine may read the pages. A web page that reaches the dashboard under its own name (DNS rebinding) may not.
 */
import http from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const METHODS = new Set(['GET', 'HEAD']);
const FORWARDING_HEADERS = new Set(['forwarded', 'x-real-ip', 'via']);
/** Headers of the client-side router, which the page does not use. Next.js answers malformed values with 500. */
const ROUTER_HEADER = /^(rsc|next-.*)$/;

/** @param {string | undefined} origin */
const hostname = (origin) => (URL.canParse(origin ?? '') ? new URL(origin ?? '').hostname : '');

/** @param {http.IncomingMessage} request */
function isProxied({ headers, httpVersion, url }) {
  const isForwarded = Object.keys(headers).some(
    (name) => FORWARDING_HEADERS.has(name) || name.startsWith('x-forwarded-'),
  );
  const origin = hostname(headers.origin);
  // nginx's default `proxy_pass` adds no header, but speaks HTTP/1.0. So does the health check.
  return isForwarded || (httpVersion === '1.0' && url !== '/healthz') || (origin && !LOOPBACK.has(origin));
}

/**
 * Return the status and the text with which a request is refused, or null.
 * @param {http.IncomingMessage} request
 * @returns {{ status: number, text: string } | null}
 */
export function refusal(request) {
  if (!METHODS.has(request.method ?? ''))
    return { status: 405, text: 'The dashboard answers GET and HEAD only.' };
  if (!LOOPBACK.has(hostname(`http://${request.headers.host}`)))
    return { status: 421, text: 'Open the dashboard on its own machine, at http://127.0.0.1 and its port.' };
  if (isProxied(request))
    return {
      status: 403,
      text: 'The dashboard cannot be read through a proxy, because viewers cannot sign in yet.',
    };
  return null;
}

/** Make every HTTP server of this process refuse such requests, and ignore the router's headers. */
export function installGuard() {
  const createServer = http.createServer;
  http.createServer = (/** @type {any} */ listener) =>
    createServer((request, response) => {
      const refused = refusal(request);
      if (refused) {
        response.writeHead(refused.status, {
          'Content-Type': 'text/plain; charset=utf-8',
          Allow: 'GET, HEAD',
        });
        response.end(`${refused.text}\n`);
        return;
      }
      for (const name of Object.keys(request.headers))
        if (ROUTER_HEADER.test(name)) delete request.headers[name];
      listener(request, response);
    });
}
