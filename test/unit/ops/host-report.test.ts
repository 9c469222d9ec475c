import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostFinding } from '../../../gateway/ports/renderer.ts';
import { type HostFacts, HostReportError, hostReport, wallFinding } from '../../../ops/host-report.ts';

const SWAP_HEAD = 'Filename\tType\tSize\tUsed\tPriority\n';
const LIMITS = (core: string) =>
  `Limit  Soft  Hard  Units\nMax core file size        ${core}                    unlimited            bytes\n`;
const GOOD_FILES: Record<string, string> = {
  '/proc/swaps': SWAP_HEAD,
  '/proc/self/limits': LIMITS('0'),
  '/proc/sys/kernel/core_pattern': 'core\n',
  '/proc/self/coredump_filter': '00000033\n',
};
const SANDBOX: HostFinding = { level: 'green', code: 'sandbox_bubblewrap', text: 'bubblewrap' };
const CONFIG = {
  mode: 'production' as const,
  accept: [] as string[],
  dataDir: '/data',
  keyDir: '/keys',
  rootKey: undefined,
  rootKeyFile: undefined,
  epochKeys: 'slots' as const,
};

function host(
  change: {
    files?: Record<string, string | undefined>;
    flags?: string[];
    inspected?: boolean;
    signalTaken?: boolean;
    oneDisk?: boolean;
    memory?: boolean;
  } = {},
): HostFacts {
  const files: Record<string, string | undefined> = { ...GOOD_FILES, ...change.files };
  return {
    read: async (path) => files[path],
    fileSystem: async (path) => ({
      device: path.startsWith('/keys') && change.oneDisk !== true ? 2 : 1,
      memory: path.startsWith('/keys') && change.memory === true,
    }),
    flags: change.flags ?? ['--disable-sigusr1'],
    signalTaken: change.signalTaken ?? false,
    inspected: change.inspected ?? false,
  };
}

const levelOf = async (
  code: string,
  facts: HostFacts,
  config: Partial<Parameters<typeof hostReport>[0]['config']> = {},
) => {
  const report = await hostReport({ config: { ...CONFIG, ...config }, findings: [SANDBOX], host: facts });
  return report.findings.find((finding) => finding.code === code)?.level;
};

describe('the host report', () => {
  test('of a host that forgets is green, and lets production start', async () => {
    const report = await hostReport({ config: CONFIG, findings: [SANDBOX], host: host() });
    assert.deepEqual([...new Set(report.findings.map(({ level }) => level))], ['green']);
    report.enforce();
    assert.equal(report.sandbox, 'a bubblewrap sandbox');
  });

  test('tells swap on a disk from swap that is encrypted or in memory', async () => {
    const swaps = (rows: string, files = {}) => host({ files: { '/proc/swaps': SWAP_HEAD + rows, ...files } });
    assert.equal(await levelOf('swap', swaps('/dev/sda2 partition 1 0 -2\n')), 'red');
    assert.equal(await levelOf('swap', swaps('/swapfile file 1 0 -2\n')), 'red');
    assert.equal(await levelOf('swap', swaps('/dev/zram0 partition 1 0 100\n')), 'green');
    assert.equal(await levelOf('swap', swaps('/dev/zram0 partition 1 0 100\n/swapfile file 1 0 -2\n')), 'red');
    const crypt = { '/sys/block/dm-1/dm/uuid': 'CRYPT-PLAIN-swap\n' };
    assert.equal(await levelOf('swap', swaps('/dev/dm-1 partition 1 0 -2\n', crypt)), 'green');
    assert.equal(
      await levelOf('swap', swaps('/dev/dm-1 partition 1 0 -2\n', { '/sys/block/dm-1/dm/uuid': 'LVM-x' })),
      'red',
    );
    assert.equal(await levelOf('swap', host({ files: { '/proc/swaps': undefined } })), 'yellow');
  });

  test('weighs core limit, pattern and filter', async () => {
    const core = (limit: string, pattern: string, filter = '00000033') =>
      host({
        files: {
          '/proc/self/limits': LIMITS(limit),
          '/proc/sys/kernel/core_pattern': pattern,
          '/proc/self/coredump_filter': filter,
        },
      });
    assert.equal(await levelOf('core_dumps', core('unlimited', 'core')), 'red');
    assert.equal(await levelOf('core_dumps', core('unlimited', '|/usr/lib/systemd/systemd-coredump %P')), 'red');
    assert.equal(await levelOf('core_dumps', core('0', '|/usr/share/apport/apport %p')), 'yellow');
    assert.equal(await levelOf('core_dumps', core('0', 'core')), 'green');
    assert.equal(await levelOf('core_dumps', core('unlimited', 'core', '00000000')), 'green');
    assert.equal(await levelOf('core_dumps', host({ files: { '/proc/self/limits': undefined } })), 'yellow');
  });

  test('sees inspector, dump and preload flags', async () => {
    assert.equal(await levelOf('inspector', host({ flags: [] })), 'yellow');
    assert.equal(await levelOf('inspector', host({ inspected: true })), 'red');
    assert.equal(await levelOf('inspector', host({ flags: [], signalTaken: true })), 'green');
    for (const flag of ['--inspect', '--inspect=0.0.0.0:1', '--inspect-brk', '--inspect-port=1']) {
      assert.equal(await levelOf('inspector', host({ flags: [flag] })), 'red', flag);
    }
    for (const flag of [
      '--heapsnapshot-signal=SIGUSR2',
      '--heap-prof',
      '--abort-on-uncaught-exception',
      '--report-on-fatalerror',
    ]) {
      assert.equal(await levelOf('memory_dumps', host({ flags: [flag] })), 'red', flag);
    }
    for (const flag of ['-r', '--require=x', '--import', '--loader=y']) {
      assert.equal(await levelOf('preload', host({ flags: [flag] })), 'yellow', flag);
    }
    assert.equal(await levelOf('preload', host()), undefined);
  });

  test('is red when the root key lies on the disk of the data', async () => {
    const oneDisk = host({ oneDisk: true });
    assert.equal(await levelOf('root_key_place', oneDisk), 'red');
    assert.equal(await levelOf('key_place', oneDisk), 'yellow');
    assert.equal(await levelOf('root_key_place', oneDisk, { rootKey: new Uint8Array(32) }), 'green');
    assert.equal(await levelOf('root_key_place', host({ oneDisk: true, memory: true })), 'green');
    assert.equal(await levelOf('key_place', oneDisk, { epochKeys: 'memory' }), 'green');
    assert.equal(await levelOf('root_key_place', host(), { rootKeyFile: '/data/../root' }), 'red');
  });

  test('stops production at a red line that is not accepted by name, and only production', async () => {
    const bad = host({ inspected: true, oneDisk: true });
    const report = (config: Partial<typeof CONFIG> | { mode: 'development' }) =>
      hostReport({ config: { ...CONFIG, ...config }, findings: [SANDBOX], host: bad });
    const refused = await report({});
    assert.throws(
      () => refused.enforce(),
      (error) => {
        assert.ok(error instanceof HostReportError);
        assert.deepEqual(error.codes, ['inspector', 'root_key_place']);
        assert.match(error.message, /SEALFAX_ACCEPT=inspector,root_key_place/);
        return true;
      },
    );
    assert.match(refused.lines[0] ?? '', /^red +inspector/);
    const half = await report({ accept: ['inspector'] });
    assert.throws(() => half.enforce(), { codes: ['root_key_place'] });
    const accepted = await report({ accept: ['inspector', 'root-key-place'] });
    accepted.enforce();
    assert.match(accepted.lines[0] ?? '', /accepted/);
    (await report({ mode: 'development' })).enforce();
  });

  test('says whether the database keeps accounts apart, and what to do where it does not', () => {
    assert.deepEqual(wallFinding({ stands: true }).level, 'green');
    const without = wallFinding({ stands: false, why: 'as a superuser run: create role' });
    assert.deepEqual([without.level, without.code], ['yellow', 'account_wall']);
    assert.match(without.text, /as a superuser run: create role/);
  });

  test('of the host that runs this test has a line for everything', async () => {
    const report = await hostReport({
      config: { ...CONFIG, dataDir: '/tmp/none/data', keyDir: '/tmp/none/keys' },
      findings: [],
    });
    for (const code of ['swap', 'core_dumps', 'inspector', 'root_key_place', 'key_place']) {
      assert.ok(
        report.lines.some((line) => line.includes(code)),
        code,
      );
    }
  });
});
