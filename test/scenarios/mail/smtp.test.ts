import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { Mail } from '../../../gateway/ports/mailer.ts';
import { createSmtpMailer, type SmtpServer } from '../../../ops/mail/smtp.ts';
import { selfSigned } from '../../../ops/tls/certificate.ts';
import { headerOf, openPostOffice, type PostOffice, textOf } from './post-office.ts';

const MAIL: Mail = {
  id: newId('mail', (prefix) => randomId(prefix)),
  to: 'anna@example.org',
  at: Date.UTC(2026, 10, 22, 9, 14, 5),
  subject: '[fax.example.org] A trial – with a dash',
  text: 'First line\n.\n.hidden dot\nLast line = ä\n',
};

describe('mails over SMTP', () => {
  let pem: { cert: string; key: string };
  before(async () => {
    pem = await selfSigned(['127.0.0.1'], Date.now());
  });
  const offices: PostOffice[] = [];
  after(async () => {
    for (const office of offices) await office.stop();
  });
  const open = async (...options: Parameters<typeof openPostOffice>): Promise<PostOffice> => {
    const office = await openPostOffice(...options);
    offices.push(office);
    return office;
  };
  const server = (port: number, more: Partial<SmtpServer> = {}): SmtpServer => ({
    ...{ host: '127.0.0.1', port, tls: 'none', login: null, name: 'fax.example.org', from: 'fax@example.org' },
    ...more,
  });
  const login = { user: 'sealfax', password: 'a secret' };

  test('go inside of STARTTLS, after a log-in, with an id that stays', async () => {
    const office = await open({
      ...pem,
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        password === login.password ? done(null, { user: username }) : done(new Error('no')),
    });
    const mailer = createSmtpMailer(server(office.port, { tls: 'starttls', ca: [pem.cert], login }));
    assert.deepEqual(await mailer.send(MAIL), { result: 'sent' });
    assert.deepEqual(await mailer.send(MAIL), { result: 'sent' });
    const [first, second] = office.taken;
    assert.ok(first && second);
    assert.deepEqual(
      [first.secure, first.user, first.from, first.to],
      [true, 'sealfax', 'fax@example.org', ['anna@example.org']],
    );
    assert.equal(headerOf(first.raw, 'Message-ID'), `<${MAIL.id}@example.org>`);
    assert.equal(headerOf(second.raw, 'Message-ID'), `<${MAIL.id}@example.org>`);
    assert.equal(Date.parse(headerOf(first.raw, 'Date') ?? ''), MAIL.at);
    assert.equal(headerOf(first.raw, 'Auto-Submitted'), 'auto-generated');
    assert.equal(headerOf(first.raw, 'From'), 'fax@example.org');
  });

  test('go over TLS from the first octet on', async () => {
    const office = await open({ ...pem, secure: true });
    const mailer = createSmtpMailer(server(office.port, { tls: 'implicit', ca: [pem.cert] }));
    assert.deepEqual(await mailer.send(MAIL), { result: 'sent' });
    assert.equal(office.taken[0]?.secure, true);
  });

  test('keep their text, their lines and what is beyond ASCII', async () => {
    const office = await open({ disabledCommands: ['STARTTLS'] });
    const content = Buffer.from('a,b\r\n1,2\r\n');
    const attachments = [{ name: 'report.csv', mediaType: 'text/csv', content }];
    assert.deepEqual(await createSmtpMailer(server(office.port)).send({ ...MAIL, attachments }), { result: 'sent' });
    const raw = office.taken[0]?.raw ?? '';
    assert.equal(
      Buffer.from(textOf(raw), 'latin1').toString('utf8').trimEnd(),
      'First line\r\n.\r\n.hidden dot\r\nLast line = ä',
    );
    assert.match(raw, /filename=report\.csv/);
    assert.ok(raw.includes(content.toString('base64')) || raw.includes('a,b\r\n1,2'));
    assert.match(headerOf(raw, 'Subject') ?? '', /^=\?UTF-8\?/i);
  });

  test('never go where STARTTLS is not offered, or has a certificate that nobody vouches for', async () => {
    const bare = await open({ disabledCommands: ['STARTTLS'] });
    const strange = await open(pem);
    for (const { port, taken } of [bare, strange]) {
      const outcome = await createSmtpMailer(server(port, { tls: 'starttls', login })).send(MAIL);
      assert.equal(outcome.result, 'later');
      assert.deepEqual(taken, []);
    }
  });

  const refusals: [
    title: string,
    code: number,
    message: string,
    at: 'onRcptTo' | 'onMailFrom' | 'onData',
    result: string,
  ][] = [
    ['a mailbox that is not', 550, '5.1.1 nobody here', 'onRcptTo', 'refused'],
    ['a mailbox that is full', 452, '4.2.2 full', 'onRcptTo', 'later'],
    ['a server that does not relay for us', 550, '5.7.1 relaying denied', 'onRcptTo', 'later'],
    ['a sender that it does not like', 553, '5.1.8 not yours', 'onMailFrom', 'later'],
    ['a mail that it finds too large', 552, '5.3.4 too large', 'onData', 'refused'],
    ['a greylist', 451, '4.7.1 come again', 'onData', 'later'],
  ];
  for (const [title, code, message, at, result] of refusals) {
    test(`${title} is ${result}, and the words of the server are not kept`, async () => {
      const error = Object.assign(new Error(`${message} anna@example.org`), { responseCode: code });
      const office = await open({
        disabledCommands: ['STARTTLS'],
        ...(at === 'onData'
          ? { onData: (stream, _session, done) => void stream.resume().on('end', () => done(error)) }
          : { [at]: (_address: unknown, _session: unknown, done: (error: Error) => void) => done(error) }),
      });
      const outcome = await createSmtpMailer(server(office.port)).send(MAIL);
      assert.deepEqual(outcome, { result, reason: `SMTP ${code} ${message.split(' ')[0]}` });
    });
  }

  test('a password that is wrong is for somebody to mend', async () => {
    const office = await open({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(new Error('no')),
    });
    const outcome = await createSmtpMailer(server(office.port, { login })).send(MAIL);
    assert.deepEqual([outcome.result, office.taken.length], ['later', 0]);
    assert.doesNotMatch(JSON.stringify(outcome), /secret/);
  });

  test('nobody at the port is for later', async () => {
    const closed = await open();
    await closed.stop();
    const nobody = await createSmtpMailer(server(closed.port)).send(MAIL);
    assert.equal(nobody.result, 'later');
  });

  test('a server that talks and never ends is left after the deadline', async () => {
    const sockets: Socket[] = [];
    const talker = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write('220-wait\r\n');
    }).listen(0, '127.0.0.1');
    await once(talker, 'listening');
    const { port } = talker.address() as AddressInfo;
    assert.deepEqual(await createSmtpMailer(server(port), 50).send(MAIL), { result: 'later', reason: 'timeout' });
    if (sockets[0]?.closed === false) await once(sockets[0], 'close');
    talker.close();
  });

  test('what is being sent when the gateway stops is left', async () => {
    const met = Promise.withResolvers<void>();
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      met.resolve();
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const mailer = createSmtpMailer(server((silent.address() as AddressInfo).port));
    const sending = mailer.send(MAIL);
    await met.promise;
    mailer.close();
    assert.deepEqual(await sending, { result: 'later', reason: 'stopped' });
    silent.close();
  });

  test('a server that hangs up in the middle gets the mail again', async () => {
    const rude = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 hello\r\n');
      socket.on('data', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    const { port } = rude.address() as AddressInfo;
    assert.equal((await createSmtpMailer(server(port)).send(MAIL)).result, 'later');
    rude.close();
  });
});
