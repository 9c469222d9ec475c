import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, startService } from '../../ops/bench/service.ts';
import { headerOf, openPostOffice, type PostOffice, textOf } from '../scenarios/mail/post-office.ts';

describe('a gateway with a server for mails', () => {
  let office: PostOffice;
  let place: Awaited<ReturnType<typeof benchDirectory>>;
  before(async () => {
    office = await openPostOffice({ disabledCommands: ['STARTTLS'] });
    place = await benchDirectory();
  });
  after(async () => {
    await office.stop();
    await place.remove();
  });
  const start = (again: boolean) =>
    startService(
      place.path,
      {
        ...{ SEALFAX_SMTP_URL: `smtp://127.0.0.1:${office.port}`, SEALFAX_MAIL_FROM: 'fax@example.org' },
        ...{ SEALFAX_LOG_LEVEL: 'error', SEALFAX_HOLD_COUNTRIES: 'on', SEALFAX_COUNTRY: 'DE' },
      },
      again,
    );

  test('tells what happened before it was stopped, once it is up again', async () => {
    const first = await start(false);
    const admin = connectAdmin(first.admin.connection, first.admin.password);
    try {
      const main = (await admin.accounts()).find(({ name }) => name === 'main');
      assert.ok(main);
      await admin.mail.setMine({ addresses: ['owner@example.org'], topics: ['administrators'] });
      await admin.mail.setOfAccount(main.id, { addresses: ['desk@example.org'], topics: ['destinations'] });
      const { secret } = await admin.createUser(main.id, { name: 'erp' });
      assert.ok(secret?.startsWith('sfk_'));
      await admin.createAdministrator({ name: 'ben', password: 'the password of ben, long', role: 'auditor' });
      const client = connect(first.api.connection, first.api.secret);
      await client.cdrs.reports.save('mine', { query: { period: 'yesterday' } });
      const schedule = await client.cdrs.reports.schedules.set('mine', { every: 'daily', hour: 7 });
      assert.deepEqual([schedule.addresses, schedule.sends], [1, true]);
      await client.faxes.send({ to: '+33142345678', documents: [await sampleLetter()] });
      await client.close();
    } finally {
      await admin.close();
      await first.stop();
    }
    const second = await start(true);
    await office.arrived(2, ({ raw }) => /^Subject: .* New .* (erp|ben)\r$/m.test(raw));
    await second.stop();
    const got = office.taken.map(({ to, raw }) => `${to}: ${headerOf(raw, 'Subject')}`).toSorted();
    assert.deepEqual(
      got.filter((line) => /New .* (erp|ben)$/.test(line)),
      ['desk@example.org: [localhost] New API user erp', 'owner@example.org: [localhost] New administrator ben'],
    );
    assert.ok(got.includes('desk@example.org: [localhost] Faxes to a new country wait (main, FR)'));
    const whole = office.taken.map(({ raw }) => textOf(raw)).join('\n');
    assert.match(whole, /By\s+administrator owner/);
    assert.doesNotMatch(whole, /42345678/);
    assert.doesNotMatch(office.taken.map(({ raw }) => raw).join('\n'), /sfk_|the password of/);
  });
});
