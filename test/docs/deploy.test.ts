import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { SETTINGS } from '../../ops/config.ts';

const DEPLOY = new URL('../../ops/deploy/', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, DEPLOY), 'utf8');
const folder = (path: string) => fileURLToPath(new URL(path, DEPLOY));

/** Runs a lint that a machine may lack. Skips with a line that says so. */
function lint(context: TestContext, file: string, args: readonly string[], cwd: string): string | undefined {
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    context.skip(`${file} is not installed`);
    return undefined;
  }
}

const service = z.looseObject({
  image: z.string(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  ulimits: z.looseObject({ core: z.number() }).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  command: z.array(z.string()).optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  secrets: z.array(z.string()).optional(),
  networks: z.unknown().optional(),
});
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({})),
  secrets: z.record(z.string(), z.looseObject({ file: z.string() })),
});
const compose = composeFile.parse(parse(text('compose/compose.yaml'), { merge: true }));

const container = z.looseObject({
  image: z.string(),
  args: z.array(z.string()).optional(),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }),
  volumeMounts: z.array(z.looseObject({ name: z.string() })),
});
const podSpec = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
  containers: z.array(container).min(1),
  volumes: z.array(z.looseObject({ name: z.string() })),
});
const manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.looseObject({ template: z.looseObject({ spec: podSpec }).optional() }).optional(),
});
const MANIFESTS = readdirSync(new URL('kubernetes/', DEPLOY)).filter((name) => name.endsWith('.yaml'));
const manifests = MANIFESTS.filter((name) => name !== 'kustomization.yaml').flatMap((name) =>
  parseAllDocuments(text(`kubernetes/${name}`)).map((document) => manifest.parse(document.toJS())),
);
const pods = manifests.flatMap(({ spec }) => spec?.template?.spec ?? []);

describe('files for deployment', () => {
  test('every setting that they name exists, and every value is one that it accepts', () => {
    const known = new Map(Object.values(SETTINGS).map((setting) => [setting.variable, setting.schema]));
    const settings = manifests.flatMap(({ kind, data }) => (kind === 'ConfigMap' ? Object.entries(data ?? {}) : []));
    const named = [...Object.values(compose.services).flatMap(({ environment = {} }) => Object.entries(environment))]
      .filter(([name]) => !/^POSTGRES_/.test(name))
      .map(([name, value]) => [name, value.replaceAll(/\$\{[^}]*\}/g, 'x')] as const);
    for (const [name, value] of [...settings, ...named]) {
      const schema = known.get(name);
      assert.ok(schema !== undefined, `${name} is no setting`);
      assert.ok(schema.safeParse(value).success, `${name}=${value}`);
    }
    const everywhere = ['docker/Dockerfile', 'systemd/sealfax.service', 'systemd/sealfax@.service', 'README.md']
      .map(text)
      .join('\n');
    for (const [name = ''] of everywhere.matchAll(/\bSEALFAX_[A-Z0-9_]+/g)) {
      assert.ok(known.has(name), `${name} is no setting`);
    }
  });

  test('what the image is made of exists and reaches the build', () => {
    const ignored = text('../../.dockerignore');
    for (const [, from = ''] of text('docker/Dockerfile').matchAll(/^COPY (?!--from)((?:\S+ )+)\S+$/gm)) {
      for (const path of from.trim().split(' ')) {
        accessSync(new URL(`../../${path}`, DEPLOY));
        assert.match(ignored, new RegExp(`^!${path.replaceAll('.', '\\.')}$`, 'm'), `.dockerignore keeps ${path} out`);
      }
    }
    accessSync(new URL('../launch.mjs', DEPLOY), constants.X_OK);
  });

  test('nothing of the gateway in compose.yaml can write, gain rights or dump memory', () => {
    const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('sealfax'));
    assert.deepEqual(ours.map(([name]) => name).sort(), ['gateway', 'migrate', 'worker']);
    for (const [name, one] of [...ours, ['redis', compose.services.redis] as const]) {
      assert.ok(one?.read_only, `${name} may write to its root`);
      assert.deepEqual(one.cap_drop, ['ALL']);
      assert.equal(one.ulimits?.core, 0);
    }
    for (const [, one] of ours) assert.ok(one.security_opt?.includes('no-new-privileges:true'));
  });

  test('what a service of compose.yaml refers to is defined', () => {
    for (const one of Object.values(compose.services)) {
      const needs = Array.isArray(one.depends_on) ? one.depends_on : Object.keys(one.depends_on ?? {});
      for (const name of needs) assert.ok(name in compose.services, name);
      for (const name of one.secrets ?? []) assert.ok(name in compose.secrets, name);
    }
  });

  test('the Redis of both keeps nothing and evicts nothing', () => {
    const kubernetes = pods.flatMap(({ containers }) => containers).find(({ args }) => args?.[0] === 'redis-server');
    for (const command of [compose.services.redis?.command, kubernetes?.args]) {
      const line = JSON.stringify(command);
      assert.match(line, /"--save",""/);
      assert.match(line, /"--appendonly","no"/);
      assert.match(line, /"--maxmemory-policy","noeviction"/);
    }
  });

  test('every mount of a pod has its volume', () => {
    assert.ok(pods.length >= 4);
    for (const { containers, volumes } of pods) {
      const names = volumes.map(({ name }) => name);
      for (const { volumeMounts } of containers) for (const { name } of volumeMounts) assert.ok(names.includes(name));
    }
  });

  test('the seccomp profile leaves bubblewrap what it needs, and nothing reads other processes', () => {
    const profile = z
      .object({ syscalls: z.array(z.looseObject({ names: z.array(z.string()), action: z.string() })) })
      .loose()
      .parse(JSON.parse(text('docker/seccomp.json')));
    const denied = profile.syscalls.flatMap(({ names }) => names);
    for (const needed of ['clone', 'clone3', 'unshare', 'mount', 'umount2', 'pivot_root', 'setns']) {
      assert.ok(!denied.includes(needed), needed);
    }
    for (const forbidden of ['ptrace', 'process_vm_readv', 'bpf', 'keyctl', 'userfaultfd', 'kexec_load']) {
      assert.ok(denied.includes(forbidden), forbidden);
    }
  });

  test('kubectl builds the manifests', (context) => {
    const built = lint(context, 'kubectl', ['kustomize', '.'], folder('kubernetes/'));
    if (built === undefined) return;
    const kinds = parseAllDocuments(built).map((document) => manifest.parse(document.toJS()).kind);
    for (const kind of ['ConfigMap', 'Service', 'StatefulSet', 'Job', 'Deployment', 'NetworkPolicy']) {
      assert.ok(kinds.includes(kind), kind);
    }
  });

  test('systemd reads the units and rates their exposure as low', (context) => {
    const units = ['sealfax.service', 'sealfax@.service'];
    const security = ['security', '--offline=true', '--threshold=30', ...units.map((unit) => `./${unit}`)];
    if (lint(context, 'systemd-analyze', security, folder('systemd/')) === undefined) return;
  });

  test('the script that makes the secrets is a script of a plain shell', () => {
    execFileSync('sh', ['-n', 'prepare.sh'], { cwd: folder('compose/') });
    accessSync(new URL('compose/prepare.sh', DEPLOY), constants.X_OK);
  });
});
