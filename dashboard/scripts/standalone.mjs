/** Completes `.next/standalone`: the browser's files and the start script, so that the folder runs alone. */
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';

const HERE = join(import.meta.dirname, '..');
const STANDALONE = join(HERE, '.next', 'standalone');

cpSync(join(HERE, '.next', 'static'), join(STANDALONE, '.next', 'static'), { recursive: true });
copyFileSync(join(HERE, 'scripts', 'start.mjs'), join(STANDALONE, 'start.mjs'));
