/** Tests of the pure parts: formatting, addresses, dates, drawings. The page itself is tested on a running stack. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
});
