import { expect, test } from 'vitest';
import { parseAddress } from '@/lib/address';
import { href } from '@/lib/href';

test('an address can name a listener and a year', () => {
  expect(parseAddress({})).toEqual({});
  expect(parseAddress({ listener: 'ana', year: '2025' })).toEqual({ listener: 'ana', year: 2025 });
});

test('unknown parameters are ignored', () => {
  expect(parseAddress({ utm: 'x', listener: 'ana' })).toEqual({ listener: 'ana' });
});

test.each([
  { listener: 'Ana' },
  { listener: '' },
  { listener: "x'; drop table" },
  { listener: 'a'.repeat(65) },
  { listener: ['ana', 'bob'] },
  { year: '26' },
  { year: '9999' },
])('%o is malformed', (parameters) => {
  expect(parseAddress(parameters)).toBeNull();
});

test('href writes what parseAddress reads', () => {
  expect(href({})).toBe('/');
  expect(href({ listener: 'ana', year: 2025 })).toBe('/?listener=ana&year=2025');
});
