/** Completes `.next/standalone`, so that the folder runs alone: `node .next/standalone/server.js`. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = join(import.meta.dirname, '..');
const STANDALONE = join(HERE, '.next', 'standalone');
const SERVER = join(STANDALONE, 'server.js');

/** Next's own defaults are port 3000 on every address; ours are DASHBOARD_PORT, on loopback. It logs as every service does. */
const DEFAULTS = `import { shapeConsole } from './json_console.mjs'
shapeConsole()
process.env.PORT ||= process.env.DASHBOARD_PORT || '3000'
process.env.HOSTNAME ||= '127.0.0.1'
process.env.NEXT_TELEMETRY_DISABLED = '1'
`;

/** What Next would resize images with; the dashboard resizes none. */
const UNUSED = ['@img', 'sharp'];

cpSync(join(HERE, '.next', 'static'), join(STANDALONE, '.next', 'static'), { recursive: true });
for (const folder of UNUSED)
  rmSync(join(STANDALONE, 'node_modules', folder), { recursive: true, force: true });
cpSync(join(HERE, 'scripts', 'json_console.mjs'), join(STANDALONE, 'json_console.mjs'));
writeFileSync(SERVER, DEFAULTS + readFileSync(SERVER, 'utf8'));
