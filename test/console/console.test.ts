import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectAdmin } from '../../api/client/index.ts';
import { type Browser, type Page, startBrowser, type Visit, violationsOn } from './browser.ts';
import { DEPUTY, type Exhibition, openExhibition } from './exhibition.ts';
import { alertsOn, goTo, LIGHT, LOOKS, signIn, signInAgain, stops, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

describe('the console in a browser, at a real gateway', { skip }, () => {
  let shown: Exhibition;
  let visit: Visit;
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  before(async () => {
    shown = await openExhibition();
    visit = await visitTo(browser as Browser);
    page = await visit.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const { protocol, pathname } = new URL(request.url());
      // Pictures of pages are shown from the memory of the page itself.
      if (protocol !== 'blob:') requests.push(`${request.method()} ${pathname}`);
    });
  });
  after(async () => {
    await (browser as Browser).close();
    await shown?.stop();
  });

  test('tells a gateway that cannot prove itself nothing', async () => {
    const other = `sealfax://admin:owner@localhost?pin=${'A'.repeat(43)}`;
    await page.goto(`${shown.service.url}/console`);
    await page.getByLabel(/Connection string/).fill(other);
    await page.getByLabel(/Password/).fill('never to be sent');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/Do not enter a password/).waitFor();
    assert.deepEqual(
      requests.filter((request) => request.includes('/sfx1/')),
      ['POST /sfx1/hello'],
      'nothing follows the hello',
    );
  });

  test('signs in with password and code, and keeps no secret', async () => {
    await page.goto(`${shown.service.url}/console`);
    await page.getByLabel(/Connection string/).fill(shown.service.admin.connection);
    assert.equal(await page.evaluate(`document.querySelectorAll('input')[0].value`), 'owner', 'the user is in it');
    await page.getByLabel(/Password/).fill(shown.service.admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/Check user name, password and code/).waitFor();
    await signIn(page, shown);
    const kept = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie',
    );
    assert.match(kept, /sealfax\.gateway/);
    assert.doesNotMatch(kept, new RegExp(shown.service.admin.password));
    assert.match(await page.locator('header .who').innerText(), /owner \(owner\) at localhost/);
  });

  for (const look of LOOKS) {
    test(`every page passes the rules of WCAG 2.2 AA: ${look.name}`, async () => {
      const faults: string[] = [];
      for (const stop of await stops(shown)) {
        await goTo(page, stop, look);
        for (const { id, impact, nodes } of await violationsOn(page))
          faults.push(...nodes.map(({ html }) => `${stop.path}: ${id} (${impact}): ${html}`));
        for (const shownFault of await page.locator('.notice.fault[role="alert"]').all())
          faults.push(`${stop.path} shows a fault: ${await shownFault.innerText()}`);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (width > look.size.width) faults.push(`${stop.path} is ${width} wide at ${look.size.width}`);
      }
      assert.deepEqual(faults, []);
    });
  }

  test('the rules are at work: what breaks them is found', async () => {
    await goTo(page, { address: '#/' }, LIGHT);
    await page.evaluate(`document.querySelector('main').append(Object.assign(new Image(), { src: 'data:,' }))`);
    assert.deepEqual(
      (await violationsOn(page)).map(({ id }) => id),
      ['image-alt'],
    );
    await page.evaluate(`document.querySelector('main > img').remove()`);
  });

  test('can be walked with the keyboard alone', async () => {
    await goTo(page, { address: '#/host' }, LIGHT);
    await goTo(page, { address: '#/' }, LIGHT);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    assert.equal(await focused(), 'Dashboard', 'a new page takes the focus');
    await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
    await page.evaluate(`document.querySelector('.skip').focus()`);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Sealfax');
    for (let steps = 0; (await focused()) !== 'Host and restore'; steps++) {
      assert.ok(steps < 40, 'the navigation cannot be reached');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Host and restore' }).waitFor();
    assert.equal(await focused(), 'Host and restore');
    assert.equal(await page.locator('nav [aria-current]').innerText(), 'Host and restore');
  });

  test('says everything inside the seal, and loads nothing but its own files', () => {
    const paths = new Set(requests.map((request) => request.replace(/assets\/[\w.-]+$/, 'assets/…')));
    // Who may vouch for somebody is read before there is a session; everybody may know it.
    const open = ['GET /console', 'GET /console/assets/…', 'GET /v1/oidc'];
    assert.deepEqual([...paths].sort(), [...open, 'POST /sfx1/hello', 'POST /sfx1/m']);
  });

  test('the dashboard says what waits, and the figures are those of the gateway', async () => {
    await goTo(page, { address: '#/' }, LIGHT);
    assert.deepEqual(await alertsOn(page), ['Carrier south is paused.', 'Account clinic is paused.']);
    const figures = await page.locator('.figure').all();
    const [delivered, share, failed, received] = await Promise.all(figures.map((figure) => figure.innerText()));
    assert.match(delivered ?? '', /^6\s+delivered today$/);
    assert.match(share ?? '', /^85\.7%\s/);
    assert.match(failed ?? '', /^1\s/);
    assert.match(received ?? '', /^1\s/);
    assert.match((await page.locator('.chart svg[role="img"] title').first().textContent()) ?? '', /: \d+$/);
  });

  test('a report is counted, saved under a name and opened again, and its lines are those of the gateway', async () => {
    await goTo(page, { address: '#/reports' }, LIGHT);
    await page.getByLabel('Told apart by').selectOption('cause');
    await page.getByLabel('Number').fill('+1555 01001*');
    await page.getByRole('button', { name: 'Count' }).click();
    const lines = page.getByRole('group', { name: 'Sums', exact: true }).locator('tbody tr');
    await lines.filter({ hasText: 'all went well' }).waitFor();
    const asked = connectAdmin(shown.service.admin.connection.replace(':owner@', `:${DEPUTY.name}@`), DEPUTY.password);
    const { items } = await asked.cdrSummary({
      period: 'last_30_days',
      group: 'day',
      by: ['cause'],
      prefix: '+155501001',
    });
    const texts = await lines.allInnerTexts();
    assert.equal(texts.length, items.length);
    for (const [place, { cdrs, pages }] of items.entries()) {
      assert.match(texts[place] ?? '', new RegExp(`\\t${cdrs}\\t[\\d.]+%\\t${pages}\\t`));
    }
    await page.getByRole('button', { name: 'Save this report', exact: true }).click();
    await page.getByRole('dialog').getByLabel(/^Name/).fill('busy-lines');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Open busy-lines' }).waitFor();
    assert.partialDeepStrictEqual((await asked.reports.get('busy-lines')).query, {
      ...{ period: 'last_30_days', group: 'day', by: ['cause'], prefix: '+155501001' },
    });
    await asked.close();
    await goTo(page, { address: '#/reports' }, LIGHT);
    await page.getByRole('button', { name: 'Open busy-lines' }).click();
    await lines.filter({ hasText: 'all went well' }).waitFor();
    assert.equal(await page.getByLabel('Number').inputValue(), '+155501001*');
  });

  test('webhooks that do not answer are seen, and past events are posted again', async () => {
    await goTo(page, { address: '#/webhooks' }, LIGHT);
    await page.getByRole('button', { name: /^Replay events to/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Post again' }).click();
    await page.getByText(/events are posted to https:\/\/hooks\.example\.org\/fax again/).waitFor();
    await goTo(page, { address: '#/settings' }, LIGHT);
    const carriers = page.getByRole('row', { name: /^SEALFAX_CARRIERS / });
    assert.match(await carriers.innerText(), /is set, not shown\s+environment/);
  });

  test('a page that is loaded again has forgotten the session, and knows the gateway', async () => {
    await page.goto(`${shown.service.url}/console`);
    await page.getByText(/known by its root key/).waitFor();
    assert.equal(await page.getByLabel(/Connection string/).count(), 0);
    await signInAgain(page, shown.service.admin.password, await shown.code());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    assert.equal(await page.locator('nav').count(), 0);
  });

  test('had nothing to complain about, its own policy included', () => {
    assert.deepEqual(complaints, []);
  });

  test('somebody whose password was changed elsewhere is out', async () => {
    await page.goto(`${shown.service.url}/console`);
    await signInAgain(page, shown.service.admin.password, await shown.code());
    const { connection } = shown.service.admin;
    const elsewhere = connectAdmin(connection.replace(':owner@', `:${DEPUTY.name}@`), DEPUTY.password);
    const owner = (await elsewhere.administrators()).find(({ name }) => name === 'owner');
    await elsewhere.setPassword(owner?.id ?? '', 'another long enough password');
    await page.evaluate(`location.hash = '#/host'`);
    await page.getByText('Your session has ended. Sign in again.').waitFor();
    await elsewhere.close();
  });
});

describe('the console of a new gateway', { skip }, () => {
  let fresh: Exhibition;
  let visitor: Browser;

  before(async () => {
    fresh = await openExhibition({ empty: true });
    visitor = (await startBrowser()) as Browser;
  });
  after(async () => {
    await visitor?.close();
    await fresh?.stop();
  });

  test('shows the way to the first fax, and what of it is done', async () => {
    const page = await (await visitTo(visitor)).newPage();
    await signIn(page, fresh);
    await page.getByRole('heading', { name: 'To the first fax' }).waitFor();
    // What is done is read from the gateway, step by step.
    await page.locator('.steps .done').nth(2).waitFor();
    const done = await page.locator('.steps .done strong').all();
    assert.deepEqual(await Promise.all(done.map((step) => step.innerText())), [
      'An account',
      'An API user',
      'A carrier (for now the telephone network inside of the gateway)',
    ]);
    for (const look of LOOKS) {
      await goTo(page, { address: '#/' }, look);
      assert.deepEqual(await violationsOn(page), [], look.name);
    }
    await page.getByRole('link', { name: 'The first fax' }).click();
    await page.getByLabel(/^To/).waitFor();
    assert.equal(await page.evaluate(`document.querySelector('input[type=tel]').value`), '+15550100001');
  });
});
