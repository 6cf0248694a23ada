/** Which requests the dashboard answers: a browser on this machine, and the health check. */
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installGuard } from '@/scripts/guard.mjs';

let server: http.Server;

beforeAll(async () => {
  installGuard();
  server = http.createServer((request, response) => response.end(JSON.stringify(request.headers)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
});

/** Send the lines of a request and return the answer. */
function send(start: string, ...headers: string[]): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write([start, ...headers, 'Connection: close', '', ''].join('\r\n')),
    );
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

const statusOf = async (...request: Parameters<typeof send>) =>
  Number((await send(...request)).split(' ')[1]);

test.each(['127.0.0.1:3000', '127.0.0.1', 'localhost:3000', '[::1]:3000'])(
  'host %s is answered',
  async (host) => {
    expect(await statusOf('GET / HTTP/1.1', `Host: ${host}`)).toBe(200);
  },
);

test.each([
  'attacker.example',
  '127.0.0.1.attacker.example',
  '192.168.1.5:3000',
  'localhost.example:3000',
  '0.0.0.0',
  '@',
])('host %s is refused', async (host) => {
  expect(await statusOf('GET / HTTP/1.1', `Host: ${host}`)).toBe(421);
});

test.each([
  'X-Forwarded-For: 192.168.1.5',
  'X-Forwarded-Host: 127.0.0.1',
  'Forwarded: for=192.168.1.5',
  'Via: 1.1 proxy',
  'X-Real-IP: 192.168.1.5',
  'Origin: https://attacker.example',
])('a request with "%s" is refused', async (header) => {
  expect(await statusOf('GET / HTTP/1.1', 'Host: 127.0.0.1:3000', header)).toBe(403);
});

test('a proxy that speaks HTTP/1.0 is refused, but not the health check', async () => {
  expect(await statusOf('GET / HTTP/1.0', 'Host: 127.0.0.1:3000')).toBe(403);
  expect(await statusOf('GET /healthz HTTP/1.0', 'Host: 127.0.0.1:3000')).toBe(200);
});

test.each(['TRACE', 'POST', 'DELETE', 'OPTIONS'])('method %s is refused', async (method) => {
  expect(await statusOf(`${method} / HTTP/1.1`, 'Host: 127.0.0.1:3000')).toBe(405);
});

test('the headers of the client-side router do not reach Next.js', async () => {
  const answer = await send(
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'RSC: 1',
    'Next-Router-State-Tree: {',
    'Accept: text/html',
  );
  expect(answer).toContain('"accept":"text/html"');
  expect(answer).not.toMatch(/"(rsc|next-)/);
});
