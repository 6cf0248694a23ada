/** Unit tests, and cache.test.ts and page.test.ts on a real PostgreSQL. tests/stack tests the page on a running stack. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
});
