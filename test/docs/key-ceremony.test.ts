import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { connect } from '../../api/client/index.ts';
import { parseConnectionString } from '../../crypto/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { COMMANDS, runCli } from '../../ops/cli/index.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { rememberingIo } from '../unit/cli/console.ts';

const page = await readFile(new URL('../../docs/operations/key-ceremony.md', import.meta.url), 'utf8');
/** The commands of the page, in its order. */
const LINES = [...page.matchAll(/^ {4}sealfax (.+)$/gm)].map(([, line = '']) => line.trim());

describe('docs/operations/key-ceremony.md', () => {
  test('its commands are commands', () => {
    assert.ok(LINES.length >= 12, `${LINES.length} commands`);
    const written = [...page.matchAll(/`sealfax (\w+ \w+)[ `]/g)].map(([, command = '']) => command);
    for (const command of [...LINES, ...written]) {
      const words = command.split(' ');
      const known = [words.slice(0, 2).join(' '), words[0] ?? ''].some((name) => Object.hasOwn(COMMANDS, name));
      assert.ok(known, command);
    }
  });

  test('its commands do, one after the other, what the page says', async (t) => {
    const { path, remove } = await benchDirectory();
    const gateway = await startGateway(
      readConfig({
        SEALFAX_DATA_DIR: path,
        SEALFAX_PORT: '0',
        SEALFAX_LOG_LEVEL: 'silent',
        SEALFAX_LOOPBACK_SPEED: 'instant',
      }),
    );
    const home = process.cwd();
    t.after(async () => {
      process.chdir(home);
      await gateway.stop();
      await Promise.all([remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
    });
    process.chdir(dirname(path));
    assert.ok(gateway.firstStart !== null);
    const { admin, api } = gateway.firstStart;
    const [pin = ''] = parseConnectionString(api.connection).pins;
    const client = connect(api.connection, api.secret);
    t.after(() => client.close());
    const fax = await client.faxes.send({ to: '+15550100001', documents: [await sampleLetter()] });
    assert.equal((await client.faxes.wait(fax.id)).state, 'delivered');
    const receipt = async () => client.faxes.receipt(fax.id).catch(() => undefined);
    let found = await receipt();
    for (let tries = 0; found === undefined && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      found = await receipt();
    }
    await writeFile('receipt.json', JSON.stringify(found));

    const environment = { SEALFAX_ADMIN_CONNECTION: admin.connection, SEALFAX_ADMIN_SECRET: admin.password };
    const told: string[] = [];
    for (const line of LINES) {
      const { io, shown } = rememberingIo();
      const argv = line.split(' ').map((word) => (word === 'PIN' ? pin : word));
      assert.equal(await runCli(argv, environment, io), 0, `${line}: ${shown.err}`);
      told.push(shown.out);
    }
    const toldBy = (line: string): string => told[LINES.indexOf(line)] ?? '';
    const pins = parseConnectionString(toldBy('user connection main app').trim()).pins;
    assert.deepEqual([pins[0], pins.length], [pin, 2], 'both pins while a root is announced');
    assert.match(toldBy('keys rotate root'), new RegExp(`^root +${pins[1]} +current`, 'm'));
    assert.match(toldBy('verify statement after.json --pin PIN'), new RegExp(`^earlier roots +${pin}$`, 'm'));
    assert.match(toldBy('verify receipt receipt.json --pin PIN --statement after.json'), /^signature +genuine$/m);
    // The session of before goes on, and strings of before and after lead in.
    assert.ok(await client.numbers());
    for (const connection of [api.connection, gateway.connection('main', 'app')]) {
      const another = connect(connection, api.secret);
      assert.ok(await another.numbers());
      await another.close();
    }
    assert.deepEqual(parseConnectionString(gateway.connection('main', 'app')).pins, [pins[1]]);
  });
});
