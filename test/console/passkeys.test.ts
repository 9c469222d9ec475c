import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Browser, type Page, startBrowser, type Visit, violationsOn } from './browser.ts';
import { type Exhibition, openExhibition } from './exhibition.ts';
import { goTo, LIGHT, signIn, signInAgain, visitTo } from './tour.ts';

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
  const complaints: string[] = [];

  before(async () => {
    shown = await openExhibition({ empty: true });
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
    assert.match(await page.locator('header .who').innerText(), /owner, owner, at localhost/);
  });

  test('open nothing when the person was not verified', async () => {
    await signOut();
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: false });
    await press('Use a passkey');
    await page.getByText(/No passkey has answered in time, or it was cancelled/).waitFor();
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: true });
  });

  test('are renamed and removed, and open nothing afterwards', async () => {
    await page.getByLabel('User').fill('owner');
    await signInAgain(page, shown.service.admin.password, await shown.code());
    await goTo(page, { address: '#/me' }, LIGHT);
    await press('Rename Test device');
    await page.getByRole('textbox', { name: /Name/ }).fill('Old device');
    await press('Rename');
    await page.getByText('It is called Old device now.').waitFor();
    await press('Remove Old device');
    await press('Remove');
    await page.getByText('Old device opens nothing any more.').waitFor();
    await page.getByText('No passkey yet').waitFor();
    assert.equal((await kept()).length, 1, 'the device keeps its half');
    await signOut();
    await press('Use a passkey');
    await page.getByText(/Check user name, password and code/).waitFor();
  });

  test('leave the browser nothing to complain about', () => {
    assert.deepEqual(complaints, []);
  });
});
