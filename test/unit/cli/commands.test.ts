import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Fax, LedgerEvent } from '../../../api/client/index.ts';
import { COMMANDS, runCli } from '../../../ops/cli/index.ts';
import type { Bends, Opened, SealedAnswer } from '../client/small-gateway.ts';
import { jsonBody, problem, startSmallGateway } from '../client/small-gateway.ts';
import { rememberingIo } from './console.ts';

const AT = '2026-01-15T12:00:00.000Z';
const fax = (change: Partial<Fax> = {}): Fax => ({
  id: 'fax_1',
  direction: 'outbound',
  batch: null,
  user: null,
  state: 'accepted',
  from: '+49301111111',
  to: '+49302222222',
  remoteId: null,
  subaddress: null,
  pages: 2,
  pagesConfirmed: 0,
  attempts: 0,
  retries: 3,
  retryInterval: 60,
  priority: 5,
  scheduledAt: null,
  deadline: null,
  nextCallAt: null,
  cause: null,
  detail: null,
  action: null,
  retryable: false,
  resolution: 'fine',
  tags: {},
  documents: 1,
  imageExists: true,
  imageLife: 'fax',
  held: null,
  leasedUntil: null,
  acknowledgedAt: null,
  sealedKey: null,
  createdAt: AT,
  updatedAt: AT,
  finishedAt: null,
  ...change,
});
const event = (seq: number, type: LedgerEvent['type'], data: LedgerEvent['data'] = {}): LedgerEvent => ({
  ...{ id: `evt_${seq}`, seq, type, fax: 'fax_1', at: AT, data },
});
const json = (value: unknown, status = 200): SealedAnswer => ({ status, body: jsonBody(value) });

/** Answers as a gateway whose one fax ends as `end`. */
function scripted(end: Partial<Fax>): Bends['answer'] {
  const ledger = [
    event(1, 'fax.accepted'),
    event(2, 'fax.queued', { pages: 2 }),
    event(3, 'fax.page', { page: 1, pages: 2 }),
    event(4, end.state === 'delivered' ? 'fax.delivered' : 'fax.failed', { pages: 2, pagesConfirmed: 2 }),
  ];
  let reads = 0;
  return ({ head }: Opened) => {
    const url = new URL(head.p, 'https://gateway');
    if (head.p === '/v1/faxes' && head.m === 'POST') return json(fax(), 202);
    if (url.pathname === '/v1/events') {
      const cursor = url.searchParams.get('after');
      if (cursor === 'latest') return json({ items: [], next: ledger.length });
      const after = Number(cursor);
      const items = ledger.filter(({ seq }) => seq > after).slice(0, Number(url.searchParams.get('limit') ?? 100));
      return json({ items, next: items.at(-1)?.seq ?? after });
    }
    if (url.pathname === '/v1/faxes/fax_1') return json(reads++ === 0 ? fax() : fax(end));
    return problem(404, 'fax_not_found');
  };
}

describe('the command line', () => {
  let folder = '';
  let letter = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealfax-cli-'));
    letter = join(folder, 'letter.txt');
    await writeFile(letter, 'Dear reader');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function run(argv: string[], bends: Partial<Bends>, io: Parameters<typeof rememberingIo>[0] = {}) {
    const gateway = await startSmallGateway(bends);
    const { io: terminal, shown } = rememberingIo(io);
    const environment = {
      ...{ SEALFAX_CONNECTION: gateway.connection, SEALFAX_SECRET: 'sfk_test' },
      ...{ SEALFAX_ADMIN_CONNECTION: gateway.connection, SEALFAX_ADMIN_SECRET: 'owner', XDG_CONFIG_HOME: folder },
    };
    try {
      return { status: await runCli(argv, environment, terminal), ...shown, ...gateway };
    } finally {
      await gateway.close();
    }
  }

  test('status --wait says what a held fax waits for', async () => {
    const held = event(1, 'fax.held', { pages: 2, place: 'FR', until: 1 });
    const ended = event(2, 'fax.failed', { cause: 'not_approved' });
    const done = await run(['status', 'fax_1', '--wait'], {
      answer: ({ head }) => {
        if (!head.p.startsWith('/v1/events')) {
          return json(fax({ state: asked++ < 2 ? 'held' : 'failed', cause: 'not_approved' }));
        }
        return head.p.includes('latest') ? json({ items: [], next: 0 }) : json({ items: [held, ended], next: 2 });
      },
    });
    assert.match(done.err, /^fax_1 held until an administrator allows FR$/m);
    assert.equal(done.status, 21);
  });
  let asked = 0;

  test('send uploads the file, tells the progress in plain lines, and ends with 0', async () => {
    const done = await run(['send', letter, '--to', '+49302222222', '--tag', 'case=7', '--priority', '9'], {
      answer: scripted({ state: 'delivered', pagesConfirmed: 2, cause: 'ok' }),
    });
    assert.equal(done.status, 0, done.err);
    assert.equal(done.out, 'fax_1 delivered, 2 of 2 pages\n');
    assert.deepEqual(done.err.trim().split('\n'), [
      'send uploading',
      'fax_1 accepted 0 of 2 pages',
      'fax_1 queued 0 of 2 pages',
      'fax_1 sending 1 of 2 pages',
      'fax_1 delivered 2 of 2 pages',
    ]);
    const post = done.opened.find(({ head }) => head.p === '/v1/faxes');
    const body = Buffer.from(post?.body ?? []).toString();
    assert.match(body, /"to":"\+49302222222"/);
    assert.match(body, /"tags":\{"case":"7"\},"priority":9/);
    assert.match(body, /filename="letter.txt"[\s\S]*Dear reader/);
  });

  test('send --for sends as an administrator, and follows the fax to its end', async () => {
    const asked: string[] = [];
    const ends = [{ state: 'sending' }, { state: 'failed', cause: 'busy', pagesConfirmed: 1 }] as const;
    const answer: Bends['answer'] = ({ head, body }) => {
      if (!head.p.startsWith('/v1/admin/')) return { status: 204 };
      asked.push(`${head.m} ${head.p}`);
      if (head.m === 'POST') {
        assert.match(Buffer.from(body).toString(), /Dear reader/);
        return json({ ...fax(), account: 'acc_1', reviewUntil: null }, 202);
      }
      const tag = asked.length;
      return json({ at: AT, tag: `${tag}`, fax: fax(ends[tag - 2]), calls: [] });
    };
    const argv = ['send', letter, '--to', '+49302222222', '--for', 'clinic'];
    const done = await run(argv, { answer });
    assert.deepEqual(asked, [
      'POST /v1/admin/accounts/clinic/faxes',
      'GET /v1/admin/faxes/fax_1/progress?wait=25',
      'GET /v1/admin/faxes/fax_1/progress?seen=2&wait=25',
    ]);
    assert.match(done.out, /^fax_1 failed: busy, 1 of 2 pages/);
    assert.notEqual(done.status, 0);
    asked.length = 0;
    const detached = await run([...argv, '--detach'], { answer });
    assert.deepEqual([detached.status, detached.out, asked.length], [0, 'fax_1 accepted\n', 1]);
    assert.equal((await run([...argv, '--to', '+49302222223'], { answer })).status, 2);
  });

  test('send uploads again before each retry where the image lives for one call', async () => {
    const ledger: LedgerEvent[] = [];
    const note = (type: LedgerEvent['type'], id: string) => ledger.push({ ...event(ledger.length + 1, type), fax: id });
    let uploads = 0;
    const facts: Partial<Fax> = { imageLife: 'call', retryInterval: 0 };
    const ended = (id: string): Partial<Fax> =>
      id === 'fax_1'
        ? { id, state: 'failed', cause: 'busy', retryable: true }
        : { id, state: 'delivered', cause: 'ok', pagesConfirmed: 2 };
    const answer: Bends['answer'] = ({ head }) => {
      const url = new URL(head.p, 'https://gateway');
      if (head.p === '/v1/faxes') {
        const id = `fax_${++uploads}`;
        note('fax.accepted', id);
        note(id === 'fax_1' ? 'fax.failed' : 'fax.delivered', id);
        return json(fax({ ...facts, id }), 202);
      }
      if (url.pathname === '/v1/events') {
        const cursor = url.searchParams.get('after');
        const after = cursor === 'latest' ? ledger.length : Number(cursor);
        const items = ledger.filter(({ seq }) => seq > after).slice(0, Number(url.searchParams.get('limit') ?? 100));
        return json({ items, next: items.at(-1)?.seq ?? after });
      }
      return json(fax({ ...facts, ...ended(url.pathname.split('/').at(-1) ?? '') }));
    };
    const done = await run(['send', letter, '--to', '+49302222222', '--key', 'order-7'], { answer });
    assert.equal(done.status, 0, done.err);
    assert.equal(done.out, 'fax_2 delivered, 2 of 2 pages\n');
    assert.deepEqual(done.err.trim().split('\n'), [
      'send uploading',
      'fax_1 accepted 0 of 2 pages',
      'fax_1 failed 0 of 2 pages',
      'send uploading',
      'fax_2 accepted 0 of 2 pages',
      'fax_2 delivered 0 of 2 pages',
    ]);
    const posts = done.opened.filter(({ head }) => head.p === '/v1/faxes');
    assert.deepEqual(
      posts.map(({ head }) => head.h['idempotency-key']),
      ['order-7', 'order-7-2'],
    );
    for (const { body } of posts) assert.match(Buffer.from(body).toString(), /Dear reader/);
  });

  test('while a fax waits for another call the progress says why, and until when', async () => {
    const nextCallAt = new Date(2026, 7, 1, 12, 2, 5).getTime();
    const waiting = event(1, 'fax.retry', { cause: 'busy', nextCallAt, pages: 2 });
    const answer: Bends['answer'] = ({ head }) => {
      if (!head.p.startsWith('/v1/events'))
        return json(fax({ state: waits++ < 2 ? 'queued' : 'delivered', cause: 'ok' }));
      const items = [waiting, event(2, 'fax.delivered', { pages: 2, pagesConfirmed: 2 })];
      return head.p.includes('latest') ? json({ items: [], next: 0 }) : json({ items, next: 2 });
    };
    const { err } = await run(['status', 'fax_1', '--wait'], { answer });
    assert.match(err, /^fax_1 queued: busy, next call at 2026-08-01 12:02:05$/m);
  });
  let waits = 0;

  test('a file that cannot be read is named with the reason', async () => {
    const send = async (path: string) => {
      const { io, shown } = rememberingIo();
      assert.equal(await runCli(['send', path, '--to', '+49302222222'], {}, io), 2);
      return shown.err;
    };
    assert.equal(await send('nowhere/letter.pdf'), 'sealfax: nowhere/letter.pdf: there is no such file or folder\n');
    assert.match(await send(join(letter, 'x')), /letter\.txt.x: a part of it is a file, not a folder\n$/);
  });

  test('what was meant by a command that does not exist is said where it is likely', async () => {
    const meant: readonly (readonly [string, string | undefined])[] = [
      ['sned letter.pdf', 'send'],
      ['statsu --help', 'status'],
      ['webhok list', 'webhook list'],
      ['cdrs', 'cdr'],
      ['frobnicate', undefined],
      ['x', undefined],
    ];
    for (const [typed, command] of meant) {
      const { io, shown } = rememberingIo();
      assert.equal(await runCli(typed.split(' '), {}, io), 2);
      assert.equal(/Did you mean: sealfax (.+)\n/.exec(shown.err)?.[1], command, typed);
    }
  });

  test('the overview has every command once, below a heading', async () => {
    const { io, shown } = rememberingIo();
    assert.equal(await runCli(['help'], {}, io), 0);
    const listed = [...shown.out.matchAll(/^ {2}(\S.*?) {2,}\S/gm)].map(([, name]) => name);
    assert.deepEqual(
      listed.filter((name) => name?.startsWith('SEALFAX') === false).sort(),
      Object.keys(COMMANDS).sort(),
    );
    for (const heading of ['Faxes', 'Accounts and users', 'The gateway'])
      assert.match(shown.out, new RegExp(`^${heading}$`, 'm'));
  });

  test('on a terminal the progress is a bar', async () => {
    const answer = scripted({ state: 'delivered', pagesConfirmed: 2, cause: 'ok' });
    const { err } = await run(['send', letter, '--to', '+49302222222'], { answer }, { terminal: true });
    assert.ok(err.includes(`\r\u001b[2Kfax_1 [${'█'.repeat(12)}${'░'.repeat(12)}] sending 1 of 2 pages`), err);
  });

  test('with --json one object stands on standard output and nothing on the other', async () => {
    const answer = scripted({ state: 'delivered', pagesConfirmed: 2, cause: 'ok' });
    const { out, err } = await run(['send', letter, '--to', '+49302222222', '--json'], { answer });
    assert.equal(JSON.parse(out).state, 'delivered');
    assert.equal(err, '');
  });

  const ends: readonly (readonly [string, Partial<Fax>, number])[] = [
    ['at the receiver', { state: 'failed', cause: 'busy' }, 20],
    ['for a reason of the sender', { state: 'failed', cause: 'document_rejected' }, 21],
    ['on the line', { state: 'failed', cause: 'training_failed' }, 22],
    ['in the gateway', { state: 'failed', cause: 'image_lost' }, 23],
    ['in part', { state: 'partial', cause: 'hung_up' }, 24],
    ['canceled', { state: 'canceled', cause: 'canceled' }, 25],
    ['uncertain', { state: 'uncertain', cause: 'uncertain' }, 26],
  ];
  for (const [how, end, status] of ends) {
    test(`a fax that ends ${how} gives ${status}`, async () => {
      const answer = scripted({ ...end, action: 'Do something.' });
      const done = await run(['send', letter, '--to', '+49302222222'], { answer });
      assert.equal(done.status, status);
      assert.match(done.out, new RegExp(`${end.state}: ${end.cause}`));
      assert.match(done.out, /Do something\./);
    });
  }

  const refusals: readonly (readonly [string, number, number])[] = [
    ['number_invalid', 422, 6],
    ['fax_not_found', 404, 7],
    ['image_wiped', 410, 7],
    ['state_conflict', 409, 8],
    ['realm_forbidden', 403, 5],
    ['too_many_queued', 429, 9],
    ['internal', 500, 1],
  ];
  for (const [code, http, status] of refusals) {
    test(`${code} gives ${status} and says so`, async () => {
      const errors = [{ pointer: '/to', detail: 'wrong' }];
      const done = await run(['cancel', 'fax_1'], { answer: () => problem(http, code, { errors }) });
      assert.equal(done.status, status);
      assert.match(done.err, new RegExp(`${code} happened \\(${code}\\)\\n {2}/to: wrong`));
    });
  }

  test('text of others cannot drive the terminal', async () => {
    const answer = () => json({ items: [fax({ cause: 'ok', to: '+1', tags: { a: '\u001b[2J' } })], next: null });
    assert.equal((await run(['status'], { answer })).out.includes('\u001b'), false);
    const detail = await run(['status', 'fax_1'], {
      answer: () => json(fax({ remoteId: '\u001b]0;x\u0007', tags: { a: '\u009b' } })),
    });
    assert.match(detail.out, /far machine {2}\uFFFD\]0;x\uFFFD/);
    for (const control of ['\u001b', '\u009b', '\u0007']) assert.equal(detail.out.includes(control), false);
  });

  test('receive stores a fax durably before it acknowledges it', async () => {
    const out = join(folder, 'in');
    let offered = false;
    let stored: string[] = [];
    const answer: Bends['answer'] = async ({ head }) => {
      if (head.p === '/v1/inbound/next') {
        if (offered) return { status: 204 };
        offered = true;
        return json(fax({ direction: 'inbound', state: 'received' }));
      }
      if (head.p.startsWith('/v1/inbound/fax_1/document')) return { status: 200, body: [Buffer.from('%PDF-1.4')] };
      stored = await readdir(out);
      return json(fax());
    };
    const done = await run(['receive', '--out', out], { answer });
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(stored, ['fax_1.pdf']);
    assert.equal(await readFile(join(out, 'fax_1.pdf'), 'utf8'), '%PDF-1.4');
    assert.equal((await stat(join(out, 'fax_1.pdf'))).mode & 0o777, 0o600);
  });

  test('a fax whose answer breaks off is not acknowledged, and no whole file is left', async () => {
    const out = join(folder, 'broken');
    const answer: Bends['answer'] = ({ head }) => {
      if (head.p === '/v1/inbound/next') return json(fax({ direction: 'inbound', state: 'received' }));
      if (head.p.endsWith('acknowledge')) return assert.fail('acknowledged');
      return { status: 200, body: [new Uint8Array(200_000)] };
    };
    const tamper: Bends['tamper'] = async function* cut(bytes) {
      let sent = 0;
      for await (const chunk of bytes) {
        sent += chunk.length;
        if (sent < 150_000) yield chunk;
      }
    };
    const done = await run(['receive', '--out', out], { answer, tamper });
    assert.equal(done.status, 4);
    assert.equal((await readdir(out)).includes('fax_1.pdf'), false);
  });

  test('users are made by account and name; the secret is shown', async () => {
    const answer: Bends['answer'] = ({ head, body }) => {
      if (head.p === '/v1/admin/accounts') return json({ items: [{ name: 'clinic', id: 'acc_1', cidrs: [] }] });
      assert.equal(head.p, '/v1/admin/accounts/acc_1/users');
      assert.deepEqual(JSON.parse(Buffer.from(body).toString()), { name: 'app', cidrs: ['10.0.0.0/8'] });
      return json({ id: 'usr_1', name: 'app', secret: 'sfk_new' }, 201);
    };
    const done = await run(['user', 'create', 'clinic', 'app', '--cidr', '10.0.0.0/8'], { answer });
    assert.equal(done.out, 'app usr_1\nsfk_new\n');
    assert.equal(done.logins[0]?.realm, 'admin');
    const unknown = await run(['user', 'list', 'nowhere'], { answer });
    assert.equal(unknown.status, 7);
  });

  test('cover forms are added as PDF, shown as PNG, listed and removed', async () => {
    const form = { name: 'clinic', fields: ['to', 'note'], pages: 1, bytes: 9, createdAt: AT };
    const seen: string[] = [];
    const answer: Bends['answer'] = ({ head, body }) => {
      if (head.p === '/v1/admin/accounts') return json({ items: [{ name: 'acme', id: 'acc_1', cidrs: [] }] });
      if (!head.p.startsWith('/v1/admin/')) return { status: 204 };
      seen.push(`${head.m} ${head.p} ${head.h['content-type'] ?? ''} ${Buffer.from(body)}`.trim());
      if (head.p.endsWith('/preview')) return { status: 200, body: [Buffer.from('PNG')] };
      if (head.m === 'POST') return json({ ...form, preview: Buffer.from('PNG').toString('base64') }, 201);
      return head.m === 'DELETE' ? { status: 204 } : json({ items: [form] });
    };
    const pdf = join(folder, 'form.pdf');
    await writeFile(pdf, '%PDF-form');
    const shown = join(folder, 'form.png');
    const added = await run(['account', 'cover', 'add', 'acme', 'clinic', pdf, '-o', shown], { answer });
    assert.equal(added.status, 0, added.err);
    assert.match(added.out, /^clinic {2}1 {2}9 {2}to note {2}.*form\.png\n$/);
    assert.equal(await readFile(shown, 'utf8'), 'PNG');
    const again = await run(['account', 'cover', 'preview', 'acme', 'clinic', '-o', shown], { answer });
    assert.notEqual(again.status, 0, 'a file that exists is not written over');
    const other = join(folder, 'other.png');
    const preview = await run(['account', 'cover', 'preview', 'acme', 'clinic', '-o', other], { answer });
    assert.equal(preview.status, 0, preview.err);
    assert.equal(await readFile(other, 'utf8'), 'PNG');
    const list = await run(['account', 'cover', 'list', 'acme'], { answer });
    assert.match(list.out, /clinic +1 +9 +to note/);
    const gone = await run(['account', 'cover', 'remove', 'acme', 'clinic'], { answer });
    assert.equal(gone.out, 'clinic removed\n');
    const at = '/v1/admin/accounts/acc_1/covers';
    assert.deepEqual(seen, [
      `POST ${at}/clinic application/pdf %PDF-form`,
      `GET ${at}/clinic/preview`,
      `GET ${at}/clinic/preview`,
      `GET ${at}`,
      `DELETE ${at}/clinic`,
    ]);
    await writeFile(pdf, Buffer.alloc(2 * 1024 * 1024 + 1));
    const large = await run(['account', 'cover', 'add', 'acme', 'clinic', pdf], { answer });
    assert.deepEqual([large.status, large.err], [6, 'sealfax: a cover form has at most 2 MiB\n']);
  });

  test('senders see their covers, and send names one and fills it', async () => {
    const items = [
      { name: 'letter', shipped: true, fields: ['to'], pages: 1 },
      { name: 'clinic', shipped: false, fields: ['note'], pages: 2 },
    ];
    const covers = await run(['covers'], { answer: () => json({ items }) });
    assert.match(covers.out, /letter +gateway +1 +to\n.*clinic +account +2 +note/);
    const options = [
      '--cover',
      'clinic',
      '--attention',
      'Dr Hartwell',
      '--width',
      'b4',
      '--length',
      'full',
      '--detach',
    ];
    const done = await run(['send', letter, '--to', '+49302222222', ...options], { answer: () => json(fax(), 202) });
    assert.equal(done.status, 0, done.err);
    const body = Buffer.from(done.opened.find(({ head }) => head.p === '/v1/faxes')?.body ?? []).toString();
    assert.match(body, /"width":"b4","length":"full","cover":\{"template":"clinic","to":"Dr Hartwell"\}/);
  });

  test('a password comes from the terminal or standard input', async () => {
    const sent: string[] = [];
    const answer: Bends['answer'] = ({ head, body }) => {
      if (head.p === '/v1/admin/users') return json({ items: [{ name: 'owner', id: 'usr_1', cidrs: [] }] });
      sent.push(JSON.parse(Buffer.from(body).toString()).password);
      return { status: 204 };
    };
    await run(['user', 'password', 'admin', 'owner'], { answer }, { answers: ['typed'] });
    await run(['user', 'password', 'admin', 'owner'], { answer }, { input: 'piped\n' });
    assert.deepEqual(sent, ['typed', 'piped']);
  });

  test('events are printed up to the end of the ledger', async () => {
    const answer = scripted({ state: 'delivered' });
    const { out, status } = await run(['events', '--after', '1', '--json'], { answer });
    assert.equal(status, 0);
    const seqs = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).seq);
    assert.deepEqual(seqs, [2, 3, 4]);
  });

  test('sums of CDRs are shown for each span, by what was asked for', async () => {
    const sum = { account: null, direction: 'outbound', carrier: '', result: null, cause: null };
    const counts = { cdrs: 12, calls: 11, delivered: 9, successRate: 0.75, pages: 30, billableCalls: 10 };
    const costs = { billableSeconds: 640, cost: 1_234_500, unpricedCalls: 2, connect: null, open: null };
    const start = '2026-01-31T23:00:00.000Z';
    const days = { from: '2026-02-01', to: '2026-03-01', timeZone: 'Europe/Berlin', currency: 'EUR', source: 'sums' };
    const answer = () => json({ ...days, items: [{ start, ...sum, ...counts, ...costs }] });
    const words = ['--from', '2026-02-01', '--to', '2026-03-01', '--by', 'carrier,direction'];
    const done = await run(['cdr', 'summary', ...words], { answer });
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.out.split('\n').slice(0, 2), [
      'from        direction  carrier  records  calls  delivered  %     pages  billable  seconds  EUR     unpriced',
      '2026-02-01  outbound   –        12       11     9          75.0  30     10        640      1.2345  2',
    ]);
    assert.ok(done.opened.some(({ head }) => head.p.endsWith('to=2026-03-01&by=direction%2Ccarrier')));
    assert.equal((await run(['cdr', 'summary', '--by', 'colour'], { answer })).status, 2);
    assert.equal((await run(['cdr', 'summary', '--all', '--account', 'a'], { answer })).status, 2);
  });

  test('budgets are shown with what is left of them, in the currency of the gateway', async () => {
    const until = '2026-02-01T00:00:00.000Z';
    const day = { span: 'day', since: AT, until, spent: 250_000, budget: null, left: null, unpricedCalls: 1 };
    const month = { ...day, span: 'month', budget: 1_000_000, left: 750_000, unpricedCalls: 0 };
    const payer = { id: 'acc_1', name: 'acme', kind: 'account', timeZone: 'UTC', currency: 'EUR' };
    const answer = () => json({ items: [{ ...payer, spending: [day, month] }] });
    const done = await run(['budget', 'list'], { answer });
    assert.equal(done.status, 0, done.err);
    const rows = done.out.trim().split('\n');
    assert.match(rows[0] ?? '', /^payer +name +span +spent +budget +left +state +until$/);
    assert.match(rows[1] ?? '', /^account +acme +month +0\.25 +1\.00 +0\.75 +25 % +EUR +2026-02-01/);
    assert.equal(rows.length, 2, 'a span without a budget is not listed');
  });
  test('budget set sends amounts as millionths, off as no limit, and refuses what is no amount', async () => {
    const payer = { id: 'acc_1', name: 'acme', kind: 'account', timeZone: 'UTC', currency: 'EUR', spending: [] };
    const account = { id: 'acc_1', name: 'acme' };
    const answer = ({ head }: Opened) =>
      json(head.p.endsWith('/budget') ? payer : head.m === 'GET' ? { items: [account] } : account);
    const done = await run(['budget', 'set', 'acme', '--day', '12.50', '--month', 'off', '--over', 'hold'], { answer });
    assert.equal(done.status, 0, done.err);
    const change = done.opened.find(({ head }) => head.m === 'PATCH');
    const policy = { budgetDay: 12_500_000, budgetMonth: null, overBudget: 'hold' };
    assert.deepEqual(JSON.parse(Buffer.from(change?.body ?? []).toString()), { policy });
    assert.equal((await run(['budget', 'set', 'acme', '--day', '12,50'], { answer })).status, 2);
    assert.equal((await run(['budget', 'set', 'acme'], { answer })).status, 2);
  });
  test('rules are listed with their times, and what may go over carriers', async () => {
    const window = { days: ['mon', 'tue'], from: '20:00', to: '07:00', zone: 'UTC' };
    const every = {
      name: '+',
      prefixes: ['+'],
      accounts: [],
      windows: [],
      holds: true,
      carriers: [],
      order: 'listed',
      tags: [],
    };
    const night = { ...every, name: 'night', windows: [window], holds: false, carriers: ['a', 'b'], order: 'cheapest' };
    const carriers = [
      { name: 'a', tags: ['hipaa'], callerId: { rule: 'only', shows: '+49302', numbers: ['+49301'] } },
      { name: 'b', tags: [], callerId: { rule: 'pass', shows: null, numbers: [] } },
    ];
    const done = await run(['route', 'list'], { answer: () => json({ items: [night, every], carriers }) });
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.out.trim().split('\n'), [
      'rule   numbers  accounts   when                               carriers               tags',
      'night  +        everybody  mon,tue 20:00–07:00 UTC (not now)  a, b (cheapest first)',
      '+      +        everybody  always                             all',
      '',
      'carrier  tags   shows',
      'a        hipaa  +49301, for others +49302',
      'b        –      the sender’s number',
    ]);
  });
  test('an explanation shows who is called and who is not, and whom a fax waits for', async () => {
    const first = {
      name: 'a',
      place: 1,
      shows: '+49301',
      trial: true,
      price: 12_000,
      reasons: ['no. 1 of the rule +49'],
    };
    const load = { calls: 3, maxCalls: 3, waiting: 7 };
    const out = { name: 'b', place: 2, why: 'paused', sentence: 'is paused: \u001b[31mred', passing: true };
    const told = {
      ...{ at: AT, to: '+49302', from: null, account: 'acme', rule: '+49', order: 'cheapest', currency: 'EUR' },
      ...{ carriers: [{ ...first, ...load }], leftOut: [out], waitFor: null, lessons: ['T.38 fails'] },
    };
    const done = await run(['route', 'explain', '+49302', '--at', '2026-01-15T12:00:00Z'], {
      answer: () => json(told),
    });
    assert.equal(done.status, 0, done.err);
    assert.ok(
      done.opened.some(({ head }) => head.p.endsWith('explain?number=%2B49302&at=2026-01-15T12%3A00%3A00.000Z')),
    );
    assert.match(done.out, /rule \+49, the cheapest first/);
    assert.match(
      done.out,
      /▶ {2}a +0\.012 EUR +\+49301 +no\. 1 of the rule \+49; full: 3 of 3 calls; 7 wait in its line/,
    );
    assert.match(done.out, /✗ {2}b +is paused: \uFFFD\[31mred/);
    assert.match(done.out, /known about the number: T\.38 fails/);
    const nobody = await run(['route', 'explain', '+49302'], {
      answer: () => json({ ...told, carriers: [], waitFor: 'b' }),
    });
    assert.equal(nobody.status, 0, nobody.err);
    assert.match(nobody.out, /waits for b/);
    assert.equal((await run(['route', 'explain', '+49302', '--at', 'noon'], { answer: () => json(told) })).status, 2);
  });
  test('CDRs as CSV go through as they come, a character across two pieces included', async () => {
    const [line, cut] = [Buffer.from('id,tags\r\n1,"Käthe"\r\n'), 14];
    const answer = () => ({ status: 200, body: [line.subarray(0, cut), line.subarray(cut)] });
    const done = await run(['cdr', '--csv'], { answer });
    assert.equal(done.out, line.toString());
  });
  test('a stranger under the address is told apart from a wrong secret', async () => {
    const gateway = await startSmallGateway();
    const { io, shown } = rememberingIo();
    const environment = { SEALFAX_CONNECTION: gateway.strangerConnection, SEALFAX_SECRET: 'wrong' };
    assert.equal(await runCli(['status'], environment, io), 4);
    assert.match(shown.err, /not the gateway of the connection string/);
    assert.equal(await runCli(['status', '--connection', gateway.connection], environment, io), 5);
    await gateway.close();
    assert.equal(await runCli(['webhook', 'remove', 'whe_1', '--connection', gateway.connection], environment, io), 3);
  });

  test('the secret comes from a file, or is asked for; without any the command says how', async () => {
    const gateway = await startSmallGateway({ answer: () => json({ items: [], next: null }) });
    const file = join(folder, 'secret');
    await writeFile(file, 'sfk_file\n');
    const SEALFAX_CONNECTION = gateway.connection;
    assert.equal(await runCli(['status'], { SEALFAX_CONNECTION, SEALFAX_SECRET_FILE: file }, rememberingIo().io), 0);
    assert.equal(await runCli(['status'], { SEALFAX_CONNECTION }, rememberingIo({ answers: ['sfk_typed'] }).io), 0);
    assert.deepEqual(
      gateway.logins.map(({ secret }) => secret),
      ['sfk_file', 'sfk_typed'],
    );
    const { io, shown } = rememberingIo();
    assert.equal(await runCli(['status'], { SEALFAX_CONNECTION }, io), 2);
    assert.match(shown.err, /SEALFAX_SECRET_FILE/);
    await gateway.close();
  });

  test('a code comes from the environment once, then from the terminal; without either the command says how', async () => {
    const gateway = await startSmallGateway({ answer: () => json({ items: [], next: null }) });
    const environment = { SEALFAX_CONNECTION: gateway.connection, SEALFAX_SECRET: 'sfk_test' };
    const status = (more: object, answers: string[], ...flags: string[]) =>
      runCli(['status', ...flags], { ...environment, ...more }, rememberingIo({ answers }).io);
    assert.equal(await status({ SEALFAX_TOTP: '123456' }, []), 0);
    assert.equal(await status({}, ['234 567'], '--totp'), 0);
    assert.equal(await status({ SEALFAX_TOTP: '' }, []), 0);
    assert.deepEqual(
      gateway.logins.map(({ totp }) => totp),
      ['123456', '234567', undefined],
    );
    assert.equal(await status({}, [], '--totp'), 2);
    assert.equal(await status({ SEALFAX_TOTP: 'JBSWY3DP' }, []), 2);
    assert.equal(gateway.logins.length, 3);
    await gateway.close();
  });

  test('user totp shows the new secret, and takes it away', async () => {
    const asked: string[] = [];
    const answer: Bends['answer'] = ({ head }) => {
      if (head.p === '/v1/admin/users') return json({ items: [{ name: 'owner', id: 'usr_1', cidrs: [] }] });
      if (head.p !== '/v1/session') asked.push(`${head.m} ${head.p}`);
      return head.m === 'POST' ? json({ secret: 'ABC', uri: 'otpauth://totp/x?secret=ABC' }) : { status: 204 };
    };
    const on = await run(['user', 'totp', 'on', 'admin', 'owner'], { answer });
    assert.equal(on.out, 'ABC\notpauth://totp/x?secret=ABC\n');
    const off = await run(['user', 'totp', 'off', 'admin', 'owner'], { answer });
    assert.equal(off.out, 'owner logs in without a code\n');
    assert.deepEqual(asked, ['POST /v1/admin/users/usr_1/totp', 'DELETE /v1/admin/users/usr_1/totp']);
    const first = await run(['user', 'totp', 'confirm', 'admin', 'owner'], { answer }, { answers: ['12 34 56'] });
    assert.equal(first.status, 0, first.err);
    assert.equal(asked.at(-1), 'POST /v1/admin/users/usr_1/totp/confirm');
    assert.equal((await run(['user', 'totp', 'maybe', 'admin', 'owner'], { answer })).status, 2);
  });

  test('every command has a help that names its options', async () => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const { io, shown } = rememberingIo();
      assert.equal(await runCli([...name.split(' '), '--help'], {}, io), 0);
      assert.match(shown.out, new RegExp(`Usage: sealfax ${name}`));
      for (const option of Object.keys(command.options))
        assert.ok(shown.out.includes(`--${option}`), `${name} ${option}`);
    }
  });

  const wrong: readonly (readonly string[])[] = [
    ['frob'],
    ['send'],
    ['send', 'x.pdf'],
    ['status', 'a', 'b'],
    ['status', '--frob'],
    ['status', '--limit', 'many'],
    ['status', '--since', 'yesterday'],
    ['resend', 'fax_1', '--mode', 'some'],
    ['send', 'x.pdf', '--to', '+4930', '--secret', 'sfk_x'],
  ];
  for (const argv of wrong) {
    test(`"${argv.join(' ')}" is a wrong command line`, async () => {
      const { io, shown } = rememberingIo();
      assert.equal(await runCli(argv, { SEALFAX_CONNECTION: 'x', SEALFAX_SECRET: 'x' }, io), 2);
      assert.match(shown.err, /^sealfax: /);
    });
  }
});
