import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectAdmin } from '../../api/client/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';
import { type RealProvider, startRealProvider } from '../e2e/openid/real-provider.ts';
import { type Browser, type Page, startBrowser, type Visit, violationsOn } from './browser.ts';
import { goTo, LIGHT, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;
const CLIENT = { id: 'sealfax-console', secret: 'a secret of the console' };

describe('sign-in by an identity provider in a browser, at a real gateway', { skip }, () => {
  let provider: RealProvider;
  let service: Service;
  let visit: Visit;
  let page: Page;
  const closing: (() => Promise<unknown>)[] = [() => (browser as Browser).close()];
  const complaints: string[] = [];

  before(async () => {
    provider = await startRealProvider({
      ...{ client: CLIENT, programs: [], gateway: () => service.url },
      redirectUri: () => `${service.url}/console/`,
    });
    closing.unshift(() => provider.stop());
    const { path, remove } = await benchDirectory();
    closing.unshift(remove);
    const corp = {
      ...{ name: 'corp', title: 'Example Corp', issuer: provider.issuer, clientId: CLIENT.id, secret: CLIENT.secret },
      ...{
        audience: 'https://fax.example.org/api',
        recheckSeconds: 1,
        roles: [{ value: 'fax-owners', role: 'owner' }],
      },
    };
    service = await startService(path, { SEALFAX_OIDC: JSON.stringify([corp]) });
    closing.unshift(() => service.stop());
    provider.people.set('ann', { name: 'ann', roles: ['fax-owners'] });
    provider.people.set('eve', { name: 'eve', roles: [] });
    visit = await visitTo(browser as Browser);
    page = await visit.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const choose = async (person: string) => {
    provider.visitor = person;
    await page.getByRole('button', { name: 'Sign in with Example Corp' }).click();
  };

  test('the page says what is missing before anybody leaves it', async () => {
    await page.goto(`${service.url}/console`);
    await page.getByRole('button', { name: 'Sign in with Example Corp' }).waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await choose('eve');
    await page
      .getByText(/connection string/i)
      .first()
      .waitFor();
    assert.ok(page.url().startsWith(service.url));
  });

  test('whom no rule gives a role comes back to a sentence that says so', async () => {
    await page.getByLabel(/Connection string/).fill(service.admin.connection);
    await choose('eve');
    await page.getByText(/no rule of this gateway gives you a role/).waitFor();
    assert.equal(new URL(page.url()).search, '', 'the code is not in the address bar');
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
    assert.deepEqual(await violationsOn(page), []);
  });

  test('who has one is in, by the name that the provider says', async () => {
    const fresh = await visitTo(browser as Browser);
    await visit.close();
    visit = fresh;
    page = await visit.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${service.url}/console`);
    await page.getByLabel(/Connection string/).fill(service.admin.connection);
    provider.signedInAgo = 3_600;
    await choose('ann');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    assert.match(await page.locator('header .who').innerText(), /ann \(owner\) at localhost/);
    assert.equal(new URL(page.url()).search, '');
  });

  test('a dangerous act has the person prove it anew there, in a window that closes by itself', async () => {
    await goTo(page, { address: '#/me' }, LIGHT);
    await page.getByRole('button', { name: 'Set up an authenticator' }).click();
    await page.getByText('Is it you?').waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole('button', { name: 'Prove it at Example Corp' }).click();
    await page.getByText('Is it you?').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Leave it as it was' }).click();
    assert.equal(visit.pages().length, 1, 'the window has closed');
  });

  test('the page of a user says who it is at the provider, and changes it', async () => {
    const owner = connectAdmin(service.admin.connection, service.admin.password);
    const [user] = await owner.users('main');
    assert.ok(user?.account);
    await goTo(page, { address: `#/accounts/${user.account}/users/${user.id}` }, LIGHT);
    await page.getByText('Nobody at an identity provider').waitFor();
    await page.getByRole('button', { name: 'Add an identity' }).click();
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole('textbox', { name: /Subject/ }).fill('5b1a-clinic');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('5b1a-clinic').first().waitFor();
    assert.partialDeepStrictEqual(await owner.identityOf(user.id), { provider: 'corp', subject: '5b1a-clinic' });
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole('button', { name: 'Take it away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
    await page.getByText('Nobody at an identity provider').waitFor();
    await owner.close();
  });

  test('a log-out at the provider leads back to the sign-in form', async () => {
    await provider.logOut('ann');
    await page.evaluate("location.hash = '#/accounts'");
    await page.getByText('Your session has ended. Sign in again.').waitFor();
    assert.deepEqual(complaints, []);
  });
});
