import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { CdrSummaryQuery, ReportPeriod } from '../../api/schemas/index.ts';
import { COMMANDS } from '../../ops/cli/index.ts';

const page = await readFile(new URL('../../docs/operations/reports.md', import.meta.url), 'utf8');

/** The command of a line: its two first words where there is such a one. */
function commandOf(words: readonly string[]) {
  const [first = '', second = ''] = words;
  return COMMANDS[`${first} ${second}`] ?? COMMANDS[first];
}

describe('docs/operations/reports.md', () => {
  test('its commands are commands, with options that they take', () => {
    const written = [...page.matchAll(/^sealfax ([^#\n]+)/gm)];
    assert.ok(written.length >= 14);
    for (const [line, rest = ''] of written) {
      const command = commandOf(rest.split(' '));
      assert.ok(command !== undefined, line);
      for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g)) {
        assert.ok(Object.hasOwn(command.options, option), line);
      }
    }
  });

  test('it names every command for saved reports, every period and everything that a report may be asked', () => {
    const names = Object.keys(COMMANDS).filter((command) => command.startsWith('report '));
    assert.equal(names.length, 5);
    for (const name of names) assert.ok(page.includes(`sealfax ${name}`), name);
    for (const period of ReportPeriod.options) assert.ok(page.includes(`\`${period}\``), period);
    const { timeZone, ...asked } = CdrSummaryQuery.shape;
    for (const name of Object.keys(asked)) assert.ok(page.includes(`\`${name}\``), name);
    assert.ok(timeZone && page.includes('--time-zone'));
  });
});
