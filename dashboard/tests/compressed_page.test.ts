/** A page that was compressed once is a valid gzip stream with whatever fills its gaps. */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressPage, gzipPage } from '@/lib/compressed_page';

test('filled gaps give a valid stream, whatever is in the texts around them', async () => {
  const texts = ['', 'é'.repeat(70_000), '', 'nonce age', ''];
  const page = await compressPage(texts, ['nonce', 'age', 'nonce', 'nonce']);
  expect(gunzipSync(gzipPage(page, { nonce: 'N', age: 'vor 3 Jahren é' })).toString()).toBe(
    `N${texts[1]}vor 3 Jahren éNnonce ageN`,
  );
});
