import { afterEach, expect, test, vi } from 'vitest';
import { installJsonConsole, jsonLine } from '@/scripts/json_console.mjs';

const NOW = new Date('2026-11-25T07:20:02.123Z');

afterEach(() => vi.unstubAllEnvs());

function read(level: string, ...values: unknown[]): Record<string, string> {
  const line = jsonLine(level, values, NOW) ?? '';
  expect(line.split(/[\n\r\u0085\u2028\u2029]/)).toHaveLength(1);
  return JSON.parse(line);
}

test('a line has the format of every service', () => {
  vi.stubEnv('SERVICE_NAME', 'dashboard-2');
  expect(jsonLine('warning', ['no %s in %d', 'rows', 3], NOW)).toBe(
    '{"time":"2026-11-25T07:20:02.123Z","level":"warning","service":"dashboard-2","message":"no rows in 3"}',
  );
  vi.stubEnv('SERVICE_NAME', '');
  expect(read('info', 'x').service).toBe('dashboard');
});

test('the message names an error, and the error field has its stack', () => {
  const { message, error } = read('error', 'Panel failed:', new TypeError('why'));
  expect(message).toBe('Panel failed: TypeError: why');
  expect(error).toMatch(/^TypeError: why\n {4}at /);
});

test('colours and empty lines are removed', () => {
  expect(read('info', '\u001b[32m ✓ \u001b[39mReady').message).toBe('✓ Ready');
  expect(jsonLine('info', [])).toBeUndefined();
  expect(jsonLine('info', ['\u001b[1m\u001b[22m\n'])).toBeUndefined();
});

test('any text becomes one line of JSON', () => {
  let seed = 1;
  const next = () => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  for (let round = 0; round < 500; round++) {
    const units = Array.from({ length: next() % 40 }, () => next() % (round % 2 ? 0x10000 : 0x100));
    const text = `<${String.fromCharCode(...units)}>`;
    const fields = read('info', '%s', text, { text }, round % 3 ? undefined : new Error(text));
    expect(Object.keys(fields).slice(0, 4)).toEqual(['time', 'level', 'service', 'message']);
  }
  expect(read('info', 'a\u0085b\u2028c\ud800').message).toBe('a\u0085b\u2028c\ufffd');
});

test('console methods write to standard output with their levels', () => {
  const methods = ['debug', 'trace', 'log', 'info', 'warn', 'error'] as const;
  const before = { ...console };
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    installJsonConsole();
    for (const method of methods) console[method](method);
    console.log();
  } finally {
    Object.assign(console, before);
    vi.restoreAllMocks();
  }
  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'info', 'info', 'warning', 'error']);
  expect(lines.map(({ message }) => message)).toEqual([...methods]);
});
