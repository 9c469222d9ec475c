import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { headerOf } from '../scenarios/mail/post-office.ts';
import { type Browser, type Page, startBrowser, violationsOn } from './browser.ts';
import { type Exhibition, openExhibition } from './exhibition.ts';
import { goTo, LIGHT, signIn, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

describe('mails in a browser, at a real gateway', { skip }, () => {
  let shown: Exhibition;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    shown = await openExhibition({ empty: true });
    page = await (await visitTo(browser as Browser)).newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await signIn(page, shown);
  });
  after(async () => {
    await (browser as Browser).close();
    await shown?.stop();
  });
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  test('a report of whom nobody has an address says that nobody would get it', async () => {
    await goTo(page, { address: '#/reports' }, LIGHT);
    await press('Save this report');
    await page.getByRole('textbox', { name: /Name/ }).fill('weekly-sum');
    await press('Save');
    await press('Mail weekly-sum');
    await page.getByText('It is not mailed.').waitFor();
    await page.getByLabel('When', { exact: true }).nth(1).selectOption('weekly');
    await page.getByLabel('Day', { exact: true }).selectOption('5');
    assert.deepEqual(await violationsOn(page), []);
    await press('Mail it');
    await press('Mail weekly-sum');
    await page.getByText('Nobody would get it.').waitFor();
    assert.equal(await page.getByLabel('Day', { exact: true }).getAttribute('disabled'), null);
    await press('Leave it');
  });

  test('what is no address is refused at its field; one that is gets told', async () => {
    await goTo(page, { address: '#/me' }, LIGHT);
    const addresses = page.getByLabel('Mail addresses');
    await addresses.fill('owner at example.org');
    await press('Save the notices');
    await page
      .getByText(/not a mail address/)
      .first()
      .waitFor();
    await addresses.fill('owner@example.org');
    await page.getByLabel('Backups that failed or are overdue').check();
    await press('Save the notices');
    await page.getByText('The addresses are told of the change.').waitFor();
    await shown.office.arrived(
      1,
      ({ to, raw }) => to.includes('owner@example.org') && /Addresses for notices/.test(raw),
    );
    await goTo(page, { address: '#/reports' }, LIGHT);
    await press('Mail weekly-sum');
    await page.getByText(/^Next .*, to one address\.$|^Next .*, to 1 address\.$/).waitFor();
    await press('Mail it no more');
    await press('Mail weekly-sum');
    await page.getByText('It is not mailed.').waitFor();
    await press('Leave it');
  });

  test('a trial arrives, and the outbox says so', async () => {
    await goTo(page, { address: '#/mail' }, LIGHT);
    await page.getByLabel(/Mail address/).fill('desk@example.org');
    await press('Send a trial message');
    await page.getByText('It is in the outbox, and goes within seconds.').waitFor();
    await shown.office.arrived(1, ({ to }) => to.includes('desk@example.org'));
    const trial = shown.office.taken.find(({ to }) => to.includes('desk@example.org'));
    assert.equal(headerOf(trial?.raw ?? '', 'Subject'), '[localhost] A trial message');
    await page.getByRole('row', { name: /Trial message .*sent desk@example\.org/ }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
