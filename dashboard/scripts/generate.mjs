/**
 * Writes `generated/` before every build and check, so that nothing is listed twice:
 * `database.ts`, the tables' types, from their definitions in sql/main;
 * `panels.ts`, the page's panels, from the files in panels/.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = join(import.meta.dirname, '..');
const DEFINITIONS = join(HERE, '..', 'sql', 'main');
const TABLE = /^CREATE TABLE (\w+\.\w+) \(\n(.*?)^\);/ms;
const COLUMN =
  /^ {4}(\w+) +(text\[\]|text|smallint|integer|bigint|numeric|double precision|boolean|date|timestamptz|jsonb)(?=[ ,(]|$)(.*)$/;
const CONSTRAINT = /^ {4}(PRIMARY KEY|UNIQUE|CHECK|CONSTRAINT|EXCLUDE)\b/;
const TYPES = {
  text: 'string',
  'text[]': 'string[]',
  smallint: 'number',
  integer: 'number',
  bigint: 'number',
  numeric: 'number',
  'double precision': 'number',
  boolean: 'boolean',
  date: 'string',
  timestamptz: 'Date',
  jsonb: 'unknown',
};

/** One column of a definition as a TypeScript property; dates stay strings, as the database says them. */
function property(line, file) {
  const column = COLUMN.exec(line);
  if (!column)
    throw new Error(
      `${file}: cannot read the column in "${line.trim()}"; teach scripts/generate.mjs its type`,
    );
  const [, name, type, rest] = column;
  return `    ${name}: ${TYPES[type]}${rest.includes('NOT NULL') ? '' : ' | null'};`;
}

function tableType(schema, file) {
  const table = TABLE.exec(readFileSync(join(DEFINITIONS, schema, file), 'utf8'));
  if (!table) throw new Error(`${schema}/${file} holds no CREATE TABLE that scripts/generate.mjs can read`);
  const [, name, body] = table;
  const lines = body
    .split('\n')
    .filter((line) => line.trim() && !line.trim().startsWith('--') && !CONSTRAINT.test(line));
  return `  '${name}': {\n${lines.map((line) => property(line, file)).join('\n')}\n  };`;
}

function databaseTypes() {
  const tables = ['core', 'mart', 'audit'].flatMap((schema) =>
    readdirSync(join(DEFINITIONS, schema))
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) => tableType(schema, file)),
  );
  return `/** Made by scripts/generate.mjs from sql/main. */\nexport interface Database {\n${tables.join('\n')}\n}\n`;
}

function panelList() {
  const marts = readdirSync(join(HERE, 'panels'))
    .filter((file) => file.endsWith('.tsx'))
    .map((file) => file.slice(0, -'.tsx'.length))
    .sort();
  const imports = marts.map((mart) => `import ${mart} from '@/panels/${mart}';`).join('\n');
  const entries = marts.map((mart) => `  { mart: '${mart}', ...${mart} },`).join('\n');
  return `/** Made by scripts/generate.mjs from panels/. */\n${imports}\n\nexport const panels = [\n${entries}\n].sort((one, other) => one.order - other.order);\n`;
}

mkdirSync(join(HERE, 'generated'), { recursive: true });
writeFileSync(join(HERE, 'generated', 'database.ts'), databaseTypes());
writeFileSync(join(HERE, 'generated', 'panels.ts'), panelList());
