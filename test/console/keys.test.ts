import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account, User } from '../../gateway/fax/account.ts';
import { type Rig, startRig } from '../e2e/api/rig.ts';
import { SealedClient } from '../e2e/api/sealed-client.ts';
import { type Browser, type Page, startBrowser, violationsOn } from './browser.ts';
import { goTo, LIGHT, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;
const PASSWORD = 'a long enough password';

describe('keys, programs and the end of an account, in a browser at a real gateway', { skip }, () => {
  let rig: Rig;
  let page: Page;
  let acme: Account;
  let user: User;
  let secret: string;
  const complaints: string[] = [];

  before(async () => {
    rig = await startRig();
    acme = await rig.account('acme');
    ({ user, secret } = await rig.apiUser(acme, 'app'));
    await rig.gateway.access.createPasswordUser('admin', null, 'anna', PASSWORD, [], 'local');
    page = await (await visitTo(browser as Browser)).newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${rig.origin.replace('127.0.0.1', 'localhost')}/console`);
    await page.getByRole('textbox', { name: /Connection string/ }).fill(rig.pin);
    await page.getByRole('textbox', { name: 'User' }).fill('anna');
    await page.getByRole('textbox', { name: /Password/ }).fill(PASSWORD);
    await press('Sign in');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  });
  after(async () => {
    await (browser as Browser).close();
    await rig?.stop();
  });

  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
  const shown = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const visit = (address: string) => goTo(page, { address }, LIGHT);
  const login = (with_: string) =>
    SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'app', secret: with_ });

  test('a signing key is replaced, and the old one stays in the list', async () => {
    await visit('#/keys');
    const before = (await rig.gateway.keys.list()).find(({ use }) => use === 'receipt')?.kid;
    await press('Replace the key: Receipts');
    await shown('Older ones stay valid.');
    assert.deepEqual(await violationsOn(page), []);
    await press('Replace it');
    await page.getByRole('heading', { name: 'Retired' }).waitFor();
    await shown(before ?? 'no key');
    assert.deepEqual(await violationsOn(page), []);
  });

  test('a root is announced, and takes over', async () => {
    await press('Announce the next root');
    await press('Announce it');
    const takeOver = page.getByRole('button', { name: 'Let it take over: the next root' });
    await takeOver.waitFor();
    const next = rig.gateway.keys.pins()[1];
    await takeOver.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let it take over' }).click();
    await takeOver.waitFor({ state: 'detached' });
    assert.deepEqual(rig.gateway.keys.pins(), [next]);
    await login(secret);
  });

  test('a program gets a new secret while the old one goes on, and less to do', async () => {
    await visit(`#/accounts/acme/users/${user.id}`);
    await shown(/^sealfax:\/\/acme:app@localhost/);
    await press('Make a new secret');
    await press('Make it');
    const made = await page.getByText(/^sfk_/).textContent();
    assert.deepEqual(await violationsOn(page), []);
    await press('I have kept it');
    await shown(/The old secret opens sessions/);
    for (const one of [secret, made ?? '']) await login(one);
    await press('End the old one now');
    await press('End it');
    await page.getByText(/The old secret opens sessions/).waitFor({ state: 'detached' });
    await assert.rejects(login(secret), /401/);
    await page.getByRole('checkbox', { name: /Read call detail records/ }).click();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await shown(/That is what it may do now/);
    const client = await login(made ?? '');
    assert.equal((await client.json('GET', '/v1/cdrs')).status, 403);
  });

  test('an account is closed by its name, and opened again', async () => {
    await visit('#/accounts/acme');
    await press('Close acme');
    await press('Close it');
    assert.equal((await rig.records.accounts.account(acme.id))?.closedAt, null, 'not without its name');
    await page.getByRole('textbox', { name: /Its name, acme/ }).fill('acme');
    assert.deepEqual(await violationsOn(page), []);
    await press('Close it');
    await page.getByRole('heading', { name: 'Closed' }).waitFor();
    assert.ok((await rig.records.accounts.account(acme.id))?.closedAt);
    assert.deepEqual(await violationsOn(page), []);
    await press('Open it again');
    await page.getByRole('heading', { name: 'Close the account' }).waitFor();
    assert.equal((await rig.records.accounts.account(acme.id))?.closedAt, null);
    assert.deepEqual(complaints, []);
  });
});
