/** Completes `.next/standalone`, so that the folder runs by itself: `node .next/standalone/server.js`. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = join(import.meta.dirname, '..');
const STANDALONE = join(HERE, '.next', 'standalone');
const SERVER = join(STANDALONE, 'server.js');

/** Code that runs before the server: JSON logs, pages from memory, the guard before them, and DASHBOARD_PORT on loopback instead of port 3000 on every address. */
const PRELUDE = `import { installGuard } from './guard.mjs'
import { installJsonConsole } from './json_console.mjs'
import { installPageServer } from './page_server.mjs'
installJsonConsole()
installPageServer()
installGuard()
process.env.PORT ||= process.env.DASHBOARD_PORT || '3000'
process.env.HOSTNAME ||= '127.0.0.1'
process.env.NEXT_TELEMETRY_DISABLED = '1'
`;

/** Packages that Next.js needs to resize images, which the dashboard does not do. */
const UNUSED_PACKAGES = ['@img', 'sharp'];

cpSync(join(HERE, '.next', 'static'), join(STANDALONE, '.next', 'static'), { recursive: true });
for (const folder of UNUSED_PACKAGES)
  rmSync(join(STANDALONE, 'node_modules', folder), { recursive: true, force: true });
for (const script of ['guard.mjs', 'json_console.mjs', 'page_server.mjs'])
  cpSync(join(HERE, 'scripts', script), join(STANDALONE, script));
writeFileSync(SERVER, PRELUDE + readFileSync(SERVER, 'utf8'));
