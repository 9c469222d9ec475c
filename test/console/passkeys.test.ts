import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectAdmin } from '../../api/client/index.ts';
import { PasskeyAuthenticator } from '../passkey-authenticator.ts';
import { type Browser, type Page, startBrowser, type Visit, violationsOn } from './browser.ts';
import { DEPUTY, type Exhibition, openExhibition } from './exhibition.ts';
import { goTo, LIGHT, signIn, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

/** A device that keeps passkeys, as the browser's developer tools make one. */
const DEVICE = {
  ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true },
  ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
};

describe('passkeys in a browser, at a real gateway', { skip }, () => {
  let shown: Exhibition;
  let visit: Visit;
  let page: Page;
  let tools: Awaited<ReturnType<Visit['newCDPSession']>>;
  let device = '';
  /** Id of another administrator. */
  let colleague = '';
  const complaints: string[] = [];

  before(async () => {
    shown = await openExhibition({ empty: true });
    const { connection, password } = shown.service.admin;
    const owner = connectAdmin(connection, password, { totp: shown.code });
    colleague = (await owner.createAdministrator({ ...DEPUTY, role: 'operator' })).id;
    await owner.close();
    visit = await visitTo(browser as Browser);
    page = await visit.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    tools = await visit.newCDPSession(page);
    await tools.send('WebAuthn.enable');
    const made = await tools.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE });
    device = (made as { authenticatorId: string }).authenticatorId;
  });
  after(async () => {
    await (browser as Browser).close();
    await shown?.stop();
  });

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const kept = async () => {
    const found = await tools.send('WebAuthn.getCredentials', { authenticatorId: device });
    return (found as { credentials: { rpId: string; isResidentCredential: boolean }[] }).credentials;
  };
  const signOut = async () => {
    await goTo(page, { address: '#/' }, LIGHT);
    await press('Sign out');
    await page.getByRole('heading', { name: 'Sealfax console' }).waitFor();
  };

  test('are added on the page of one’s own sign-in, and kept by the device for this host', async () => {
    await signIn(page, shown);
    await goTo(page, { address: '#/me' }, LIGHT);
    await page.getByText('No passkey yet').waitFor();
    await press('Add a passkey');
    await page.getByRole('textbox', { name: /Name/ }).fill('Test device');
    assert.deepEqual(await violationsOn(page), []);
    await press('Make it');
    await page.getByText('Test device signs you in from now on.').waitFor();
    assert.deepEqual(
      (await kept()).map(({ rpId, isResidentCredential }) => ({ rpId, isResidentCredential })),
      [{ rpId: 'localhost', isResidentCredential: true }],
    );
    await page.getByRole('row', { name: /Test device localhost .* never/ }).waitFor();
  });

  test('are not made twice by one device', async () => {
    await press('Add a passkey');
    await page.getByRole('textbox', { name: /Name/ }).fill('The same');
    await press('Make it');
    await page.getByText(/This device has a passkey of yours already/).waitFor();
    await press('Leave it');
    assert.equal((await kept()).length, 1);
  });

  test('sign in without name, password and code', async () => {
    await signOut();
    await page.getByLabel('User').fill('');
    await press('Use a passkey');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    assert.match(await page.locator('header .who').innerText(), /owner \(owner\) at localhost/);
  });

  test('open nothing when the person was not verified', async () => {
    await signOut();
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: false });
    await press('Use a passkey');
    await page.getByText(/No passkey has answered in time, or it was cancelled/).waitFor();
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: true });
  });

  test('of other administrators are seen and removed by an owner', async () => {
    const { url, admin } = shown.service;
    const deputy = connectAdmin(admin.connection.replace('owner@', `${DEPUTY.name}@`), DEPUTY.password);
    const device = new PasskeyAuthenticator(new URL(url).origin);
    await deputy.passkeys.add({ name: 'Lost key', ...device.register((await deputy.passkeys.begin()).challenge) });
    await deputy.close();
    await press('Use a passkey');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await goTo(page, { address: `#/administrators/${colleague}` }, LIGHT);
    await press('Remove Lost key');
    await press('Remove');
    await page.getByText('Lost key opens nothing any more.').waitFor();
    await page.getByText('No passkey yet').waitFor();
  });

  test('are renamed and removed, which ends the session that rests on them, and open nothing afterwards', async () => {
    await goTo(page, { address: '#/me' }, LIGHT);
    await press('Rename Test device');
    await page.getByRole('textbox', { name: /Name/ }).fill('Old device');
    await press('Rename');
    await page.getByText('It is called Old device now.').waitFor();
    await press('Remove Old device');
    await press('Remove');
    await page.getByText('Your session has ended. Sign in again.').waitFor();
    assert.equal((await kept()).length, 1, 'the device keeps its half');
    await press('Use a passkey');
    await page.getByText(/Check user name, password and code/).waitFor();
  });

  test('leave the browser nothing to complain about but the session that has ended', () => {
    assert.deepEqual(
      complaints.filter((text) => !text.includes('401')),
      [],
    );
    assert.ok(complaints.length <= 1, complaints.join('\n'));
  });
});
