import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { createRenderer } from '../../../gateway/rendering/index.ts';
import { clinicForm, scriptedForm } from '../../unit/imaging/cover/forms.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PDF = { 'content-type': 'application/pdf' };
const FIELDS = ['to', 'from', 'company', 'pages', 'subject', 'note', 'date', 'confidentiality'];

describe('cover forms of accounts', { timeout: 240_000 }, () => {
  let rig: Rig;
  let account: Account;
  let admin: SealedClient;
  let client: SealedClient;
  let form: Buffer;
  let keys = 0;
  let codeCache: string;

  before(async () => {
    codeCache = await mkdtemp(join(tmpdir(), 'sealfax-covers-'));
    rig = await startRig({ renderer: await createRenderer({ codeCache }), carryOn: 0 });
    account = await rig.account('acme', {}, ['+49301111111']);
    await rig.account('other');
    const password = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', password, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: password });
    const { secret } = await rig.apiUser(account, 'desk');
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    form = Buffer.from(await clinicForm());
  });
  after(async () => {
    await rig.stop();
    await rm(codeCache, { recursive: true, force: true });
  });

  const path = (name = '') => `/v1/admin/accounts/acme/covers${name === '' ? '' : `/${name}`}`;
  const add = (name: string, pdf: Uint8Array, headers: Record<string, string> = PDF, at = path(name)) =>
    admin.send('POST', at, headers, [Buffer.from(pdf)]);
  const submit = (query: string): Promise<Opened> => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': `key-${keys++}` };
    const head = `/v1/faxes?to=%2B49302222222&header=none&cover.to=Dr%20Hartwell&${query}`;
    return client.send('POST', head, headers, [Buffer.from('Dear Sir.\n')]);
  };
  const accepted = async (query: string): Promise<FaxId> => {
    const answer = await submit(query);
    assert.equal(answer.status, 202, answer.body.toString());
    return answer.json().id as FaxId;
  };
  const firstPage = async (id: FaxId) => (await client.send('GET', `/v1/faxes/${id}/preview/1`)).body;
  const isPng = (bytes: Buffer) => bytes.subarray(1, 4).toString() === 'PNG';

  test('a form is added with what was found in it and how it looks, and named to senders', async () => {
    const added = await add('clinic', form);
    assert.equal(added.status, 201, added.body.toString());
    const { preview, createdAt, ...facts } = added.json();
    assert.deepEqual(facts, { name: 'clinic', fields: FIELDS, pages: 1, bytes: form.length });
    const png = Buffer.from(String(preview), 'base64');
    assert.ok(isPng(png));
    const again = await admin.send('GET', `${path('clinic')}/preview`);
    assert.deepEqual([again.status, again.headers['content-type']], [200, 'image/png']);
    assert.ok(isPng(again.body));
    assert.deepEqual((await admin.json('GET', path())).json().items, [{ ...facts, createdAt }]);
    const { items } = (await client.json('GET', '/v1/covers')).json();
    assert.deepEqual(
      (items as { name: string; shipped: boolean }[]).map(({ name, shipped }) => [name, shipped]),
      [
        ['letter', true],
        ['form', true],
        ['clinic', false],
      ],
    );
  });

  test('the database holds no form in the clear', async () => {
    const { rows } = await rig.sql('select sealed from account_covers');
    assert.equal(rows.length, 1);
    for (const { sealed } of rows) {
      assert.ok(Buffer.isBuffer(sealed) && sealed.length > form.length);
      assert.equal(sealed.indexOf('%PDF'), -1);
      assert.equal(sealed.indexOf('Riverside'), -1);
    }
  });

  test('a form that cannot be a cover is refused with its reason, and none is kept', async () => {
    const many = Buffer.alloc(2 * 1024 * 1024 + 1, 0x20);
    const cases: readonly [string, Uint8Array, string, string | undefined][] = [
      ['one', await clinicForm([['surname', 100, 100, 200, 20]]), 'cover_rejected', 'form_fields'],
      ['one', await scriptedForm(), 'cover_rejected', 'form_script'],
      ['one', form.subarray(0, 300), 'cover_rejected', 'damaged'],
      ['one', await clinicForm([['note', 100, 100, 9, 9]]), 'cover_rejected', 'cover_overflow'],
      ['letter', form, 'cover_rejected', 'name'],
      ['Über-uns', form, 'cover_rejected', 'name'],
      ['clinic', form, 'name_taken', undefined],
      ['one', many, 'body_too_large', undefined],
    ];
    for (const [name, pdf, code, reason] of cases) {
      const problem = (await add(encodeURIComponent(name), pdf)).json();
      assert.deepEqual([problem.code, problem.reason], [code, reason], `${name}: ${problem.detail}`);
    }
    const text = await add('one', form, { 'content-type': 'text/plain' });
    assert.equal(text.json().code, 'unsupported_media_type');
    const json = await add('one', Buffer.from('{}'), { 'content-type': 'application/json' });
    assert.equal(json.json().code, 'unsupported_media_type');
    assert.equal(((await admin.json('GET', path())).json().items as unknown[]).length, 1);
    const foreign = await client.send('POST', path('one'), PDF, [form]);
    assert.equal(foreign.json().code, 'realm_forbidden');
  });

  test('a fax goes out with the form that it was accepted with, whatever becomes of the form', async () => {
    const [kept, waiting] = [await accepted('cover.template=clinic'), await accepted('cover.template=clinic')];
    const batch = '/v1/batches?to=%2B49302222223&to=%2B49302222224&header=none&cover.to=Dr%20Hartwell';
    const headers = { 'content-type': 'text/plain', 'idempotency-key': `key-${keys++}` };
    const both = await client.send('POST', `${batch}&cover.template=clinic`, headers, [Buffer.from('Dear Sir.\n')]);
    const [, second] = both.json().faxes as { id: FaxId }[];
    assert.ok(second !== undefined);
    await rig.intake.render(kept);
    assert.equal((await admin.json('DELETE', path('clinic'))).status, 204);
    assert.equal((await admin.json('DELETE', path('clinic'))).json().code, 'cover_not_found');
    assert.equal((await admin.send('GET', `${path('clinic')}/preview`)).json().code, 'cover_not_found');
    const bare = await add('clinic', await clinicForm([['subject', 100, 100, 300, 20]]));
    assert.equal(bare.status, 201, bare.body.toString());
    for (const id of [waiting, second.id]) {
      await rig.intake.render(id);
      assert.deepEqual(await firstPage(id), await firstPage(kept));
      const objects = (await rig.vault.objects(id)).map((one) => one.object).toSorted();
      assert.deepEqual(objects, ['page/1', 'page/2'], 'the form goes when the pages are there');
    }
    const changed = await accepted('cover.template=clinic');
    await rig.intake.render(changed);
    assert.notDeepEqual(await firstPage(changed), await firstPage(kept), 'a later fax has the later form');
  });

  test('a cover that there is not, or whose text does not fit, refuses the fax and leaves nothing', async () => {
    const before = await rig.files();
    const unknown = (await submit('cover.template=nobody')).json();
    assert.deepEqual(
      [unknown.code, unknown.errors],
      ['option_invalid', [{ pointer: '/cover/template', detail: 'the account has no cover of this name' }]],
    );
    for (const template of ['clinic', 'letter']) {
      const subject = template === 'clinic' ? 'W'.repeat(200) : '';
      const note = template === 'clinic' ? '' : `${'%0A'.repeat(1_000)}x`;
      const answer = (await submit(`cover.template=${template}&cover.subject=${subject}&cover.note=${note}`)).json();
      assert.deepEqual([answer.code, answer.reason], ['document_rejected', 'cover_overflow'], template);
      assert.equal((answer.errors as { pointer: string }[])[0]?.pointer, '/cover');
    }
    assert.deepEqual(await rig.files(), before);
  });
});
