import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backupCommands } from '../../ops/cli/backup.ts';
import type { Command } from '../../ops/cli/command.ts';
import { COMMON_OPTIONS } from '../../ops/cli/command.ts';
import { COMMANDS } from '../../ops/cli/index.ts';
import { render } from '../../ops/cli/render.ts';
import { restoreCommands } from '../../ops/cli/restore.ts';
import { trunkCommands } from '../../ops/cli/trunks.ts';
import { CLIENT_VARIABLES, SETTINGS } from '../../ops/config.ts';
import { CATALOGUE } from '../../ops/metrics/catalogue.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Pages of this repository, found where they may lie: what is built or fetched is not ours. */
const PAGES = ['.', 'api', 'carrier-adapters', 'crypto', 'docs', 'gateway', 'ops', 'test']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((name) =>
      normalize(join(folder, name)),
    ),
  )
  .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|dist)\//.test(path));

/** Where the links of a page lead inside of this repository, as paths from its root with their fragments. */
function linksOf(page: string): { readonly path: string; readonly fragment: string | undefined }[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', fragment] = link.split('#');
      return { path: path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, ''), fragment };
    });
}

/** The fragments of the headings of a page, as GitHub makes them. */
const headingsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** The commands of the gateway itself, which have no table. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  serve: ['role'],
  migrate: ['check'],
  rescue: [],
  import: ['from', 'from-keys', 'from-root-key-file', 'from-vault'],
  demo: ['out', 'speed', 'json'],
  help: [],
  version: [],
};
const TABLE: Readonly<Record<string, Command>> = {
  ...{ ...COMMANDS, render },
  ...{ ...backupCommands, ...restoreCommands, ...trunkCommands },
};
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(TABLE).map(([name, { options }]) => [name, Object.keys({ ...options, ...COMMON_OPTIONS })]),
  ),
  ...OWN,
};

/** Command lines that a page shows: in code spans, and on lines of their own. */
function commandLines(text: string): string[] {
  const shown = [
    ...text.matchAll(/`(?:npm run (?:-s )?sealfax --|sealfax) ([^`]+)`/g),
    ...text.matchAll(/^(?: {4}|\$ )?(?:npm run (?:-s )?sealfax --|sealfax) ([a-z].*)$/gm),
  ];
  return shown.map(([, line = '']) => line.replace(/\s+#.*$/, '').replace(/\s+/g, ' '));
}

describe('the pages', () => {
  test('every link resolves, and every page is reached from README.md', () => {
    const reached = new Set<string>();
    const broken: string[] = [];
    const visit = (page: string): void => {
      if (reached.has(page)) return;
      reached.add(page);
      for (const { path, fragment } of linksOf(page)) {
        if (!existsSync(join(ROOT, path))) broken.push(`${page}: ${path}`);
        else if (fragment !== undefined && !headingsOf(path).includes(fragment))
          broken.push(`${page}: ${path}#${fragment}`);
        else if (path.endsWith('.md')) visit(path);
        else if (existsSync(join(ROOT, path, 'README.md'))) visit(join(path, 'README.md'));
      }
    };
    visit('README.md');
    assert.deepEqual(broken, []);
    assert.deepEqual(
      PAGES.filter((page) => !reached.has(page)),
      [],
    );
  });

  test('every command, option, script, setting and metric that they name exists', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    const groups = new Set(Object.keys(OPTIONS).map((name) => name.split(' ')[0]));
    const variables = [...Object.values(SETTINGS).map(({ variable }) => variable), ...CLIENT_VARIABLES];
    const wrong: string[] = [];
    for (const page of PAGES.filter((path) => !path.startsWith('test/'))) {
      const text = read(page);
      for (const line of commandLines(text)) {
        const words = line.split(' ').map((word) => word.split('|')[0] ?? '');
        const name = [3, 2, 1].map((n) => words.slice(0, n).join(' ')).find((one) => Object.hasOwn(OPTIONS, one));
        if (name === undefined && !groups.has(words[0])) wrong.push(`${page}: sealfax ${line}`);
        for (const [, option = ''] of name === undefined ? [] : line.matchAll(/(?<=\s|\[)--([a-z][a-z-]*)/g)) {
          if (!OPTIONS[name ?? '']?.includes(option)) wrong.push(`${page}: sealfax ${line} (--${option})`);
        }
      }
      for (const [, script = ''] of text.matchAll(/npm run (?:-s )?([a-z:-]+)/g))
        if (!scripts.includes(script)) wrong.push(`${page}: npm run ${script}`);
      for (const [variable] of text.matchAll(/\bSEALFAX_[A-Z0-9_]*[A-Z0-9]/g))
        if (!variables.includes(variable) && variable !== 'SEALFAX_CONFIG') wrong.push(`${page}: ${variable}`);
      for (const [, metric = ''] of text.matchAll(/`sealfax_([a-z0-9_]+)[`{]/g))
        if (!(metric in CATALOGUE) && metric !== 'account') wrong.push(`${page}: sealfax_${metric}`);
    }
    assert.deepEqual(wrong, []);
  });

  test('every metric is told of', () => {
    const told = PAGES.map(read).join('\n');
    assert.deepEqual(
      Object.keys(CATALOGUE).filter((name) => !told.includes(`\`sealfax_${name}`)),
      [],
    );
  });
});
