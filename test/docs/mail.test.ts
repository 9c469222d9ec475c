import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ACCOUNT_TOPICS, NOTICE_TOPICS } from '../../gateway/fax/notice.ts';
import { SHEET_LINES } from '../../gateway/mail/templates/report.ts';
import { COMMANDS } from '../../ops/cli/index.ts';
import { SETTINGS } from '../../ops/config.ts';
import { CATALOGUE } from '../../ops/metrics/catalogue.ts';

const page = readFileSync(new URL('../../docs/operations/mail.md', import.meta.url), 'utf8');

describe('docs/operations/mail.md', () => {
  test('every command of it exists, with its options', () => {
    const lines = [...page.matchAll(/^ {4}sealfax (.+)$/gm)].map(([, line = '']) => line);
    assert.ok(lines.length >= 7);
    for (const line of lines) {
      const words = line.split(' ');
      const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((one) => Object.hasOwn(COMMANDS, one));
      const command = name === undefined ? undefined : COMMANDS[name];
      assert.ok(command !== undefined, line);
      for (const [, option = ''] of line.matchAll(/--([a-z-]+)/g)) {
        assert.ok(Object.hasOwn(command.options, option), line);
      }
    }
    for (const name of Object.keys(COMMANDS).filter((command) => command.split(' ')[0] === 'mail'))
      assert.ok(page.includes(`sealfax ${name}`), name);
  });

  test('it says what every topic is, and names settings and metrics that exist', () => {
    for (const topic of NOTICE_TOPICS) assert.ok(page.includes(`| \`${topic}\` | `), topic);
    assert.deepEqual([...ACCOUNT_TOPICS], ['budgets', 'destinations']);
    const variables = Object.values(SETTINGS).map(({ variable }) => variable);
    for (const [variable] of page.matchAll(/SEALFAX_[A-Z_]+/g)) assert.ok(variables.includes(variable), variable);
    for (const [, name = ''] of page.matchAll(/`sealfax_([a-z_]+)`/g)) assert.ok(name in CATALOGUE, name);
    assert.ok(page.includes(`(${SHEET_LINES.toLocaleString('en')} at most)`));
  });
});
