import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { carrierConfigsSchema } from '../../carrier-adapters/registry.ts';
import { sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import { trunkCommands } from '../../ops/cli/trunks.ts';

const ROOT = new URL('../../', import.meta.url);
const page = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const README = 'carrier-adapters/sip-t38/README.md';
const OPERATIONS = 'docs/operations/trunks.md';

/** The texts of all blocks of one language. */
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , body]) => body ?? '');

describe('the pages on SIP trunks', () => {
  test('have an example of each kind of trunk, and each is a carrier that the schema accepts', () => {
    const examples = blocks(page(README), 'json').map((text) => JSON.parse(text));
    const carriers = examples.map((example) => sipT38ConfigSchema.parse(example));
    assert.ok(carrierConfigsSchema.safeParse([examples[0]]).success);
    const trunks = carriers.flatMap((carrier) => carrier.trunks);
    assert.ok(trunks.some(({ register }) => register === true));
    assert.ok(
      trunks.some(({ register, username, peers }) => register === false && username === undefined && peers.length > 0),
    );
    assert.ok(carriers.some(({ publicAddress }) => publicAddress !== null));
  });

  test('name every setting', () => {
    const operators = page(README).split('## For operators')[1]?.split('\n## ')[0] ?? '';
    const { shape } = sipT38ConfigSchema;
    const [trunk] = sipT38ConfigSchema.parse(JSON.parse(blocks(operators, 'json')[2] ?? '')).trunks;
    const names = [...Object.keys(shape).filter((name) => name !== 'kind'), ...Object.keys(trunk ?? {})];
    for (const name of names) assert.match(operators, new RegExp(`^\\| (?:\`\\w+\`, )*\`${name}\``, 'm'), name);
  });

  test('name commands and options that there are', () => {
    for (const text of [page(README), page(OPERATIONS)]) {
      for (const [, name = '', rest = ''] of text.matchAll(/sealfax (trunk \w+)([^`#\n]*)/g)) {
        const command = trunkCommands[name];
        assert.ok(command !== undefined, name);
        for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g)) {
          assert.ok(option === 'help' || Object.hasOwn(command.options, option), `${name} --${option}`);
        }
      }
    }
  });

  test('lead to files that there are', () => {
    for (const path of [README, OPERATIONS]) {
      for (const [, target = ''] of page(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (!/^https?:/.test(target)) assert.ok(existsSync(new URL(target, new URL(path, ROOT))), `${path}: ${target}`);
      }
    }
  });
});
