/** Makes console output JSON lines in the format of every service (see common/), including the lines of Next.js. */
import { format, stripVTControlCharacters } from 'node:util';

const LEVELS = {
  debug: 'debug',
  trace: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warning',
  error: 'error',
};

/**
 * Return one JSON line without its line end, or undefined when the message is empty.
 * @param {string} level
 * @param {unknown[]} values
 * @returns {string | undefined}
 */
export function jsonLine(level, values, now = new Date()) {
  const errors = values.filter((value) => value instanceof Error);
  const parts = values.map((value) => (value instanceof Error ? `${value.name}: ${value.message}` : value));
  const message = stripVTControlCharacters(format(...parts)).trim();
  if (!message) return undefined;
  const fields = {
    time: now.toISOString(),
    level,
    service: process.env.SERVICE_NAME || 'dashboard',
    message: message.toWellFormed(),
    error: errors.length ? errors.map((error) => String(error.stack).toWellFormed()).join('\n') : undefined,
  };
  // JSON allows these characters, but some readers treat them as line ends.
  return JSON.stringify(fields).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Replace the methods of `console`, so that everything printed later is JSON. */
export function installJsonConsole() {
  for (const [method, level] of Object.entries(LEVELS))
    console[method] = (...values) => {
      const line = jsonLine(level, values);
      if (line) process.stdout.write(`${line}\n`);
    };
}
