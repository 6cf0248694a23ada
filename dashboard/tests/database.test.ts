import { expect, test } from 'vitest';
import { wholeNumber } from '@/lib/database';

test('a bigint becomes a number only if it is exact', () => {
  expect(wholeNumber('6485000123')).toBe(6485000123);
  expect(() => wholeNumber('9007199254740993')).toThrow('too large to be shown exactly');
});
