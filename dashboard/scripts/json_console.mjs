/** What the server prints, Next's own lines too, as the JSON lines that every service writes (see common/). */
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
 * One line, without its end; undefined when there is nothing to say.
 * @param {string} level
 * @param {unknown[]} values
 * @returns {string | undefined}
 */
export function jsonLine(level, values, now = new Date()) {
  const errors = values.filter((value) => value instanceof Error);
  const words = values.map((value) => (value instanceof Error ? `${value.name}: ${value.message}` : value));
  const message = stripVTControlCharacters(format(...words)).trim();
  if (!message) return undefined;
  const shape = {
    time: now.toISOString(),
    level,
    service: process.env.SERVICE_NAME || 'dashboard',
    message: message.toWellFormed(),
    error: errors.length ? errors.map((error) => String(error.stack).toWellFormed()).join('\n') : undefined,
  };
  // Line ends to some readers, though not to JSON.
  return JSON.stringify(shape).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Everything that is printed through `console` from now on. */
export function shapeConsole() {
  for (const [method, level] of Object.entries(LEVELS))
    console[method] = (...values) => {
      const line = jsonLine(level, values);
      if (line) process.stdout.write(`${line}\n`);
    };
}
