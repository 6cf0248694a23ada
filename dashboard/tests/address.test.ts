import { expect, test } from 'vitest';
import { parseAddress } from '@/lib/address';
import { href } from '@/lib/href';

test('the address names a listener and a year, or neither', () => {
  expect(parseAddress({})).toEqual({});
  expect(parseAddress({ listener: 'ana', year: '2025' })).toEqual({ listener: 'ana', year: 2025 });
});

test('parameters that are not ours are left alone', () => {
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
])('%o is nobody and no year', (parameters) => {
  expect(parseAddress(parameters)).toBeNull();
});

test('an address is written as it is read', () => {
  expect(href({})).toBe('/');
  expect(href({ listener: 'ana', year: 2025 })).toBe('/?listener=ana&year=2025');
});
