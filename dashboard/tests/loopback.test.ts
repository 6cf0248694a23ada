import { expect, test } from 'vitest';
import { loopbackUrl } from '@/lib/loopback';

test('localhost is redirected to 127.0.0.1 with its port and path', () => {
  expect(loopbackUrl('localhost:3000', '/?listener=ana')).toBe('http://127.0.0.1:3000/?listener=ana');
  expect(loopbackUrl('LOCALHOST', '/')).toBe('http://127.0.0.1/');
});

test.each(['127.0.0.1:3000', 'localhost.example.org', 'example.org', '', null])(
  '%o is not redirected',
  (host) => {
    expect(loopbackUrl(host, '/')).toBeNull();
  },
);
