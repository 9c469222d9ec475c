import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { type Admin, type Client, ClientError, connect, connectAdmin } from '../../api/client/index.ts';
import { type Browser, type Page, startBrowser, violationsOn } from './browser.ts';
import { type Exhibition, openExhibition } from './exhibition.ts';
import { goTo, LIGHT, LOOKS, signIn, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

/** Lines with a real modem behind them: pages take seconds, and what was said is told. */
const CARRIERS = [{ kind: 'loopback', name: 'slow', speed: 33_600 }];
const RECEIVER = '+15550100001';
const OWN = '+15550190077';
const PAGES = 3;

/** A letter of so many pages, with type that is too small to be read on the last one. */
async function letter(): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.TimesRoman);
  for (let number = 1; number <= PAGES; number++) {
    const page = pdf.addPage([595, 842]);
    page.drawText(`Page ${number} of a letter to the harbor`, { x: 72, y: 700, size: 18, font });
    if (number === PAGES) page.drawText('and its conditions, which nobody will read', { x: 72, y: 640, size: 3, font });
  }
  return Buffer.from(await pdf.save());
}

describe('the first fax of a new customer, from the console alone', { skip }, () => {
  let shown: Exhibition;
  let page: Page;
  let admin: Admin;
  let desk: Client;
  let fax = '';
  const complaints: string[] = [];

  before(async () => {
    shown = await openExhibition({ empty: true, carriers: CARRIERS });
    page = await (await visitTo(browser as Browser)).newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  after(async () => {
    await (browser as Browser).close();
    await desk?.close();
    await admin?.close();
    await shown?.stop();
  });

  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  const field = (name: string) => page.getByRole('textbox', { name });

  test('signs in with a code, and adds the account, its user and its number', async () => {
    await signIn(page, shown);
    await goTo(page, { address: '#/accounts' }, LIGHT);
    await press('Add an account');
    await field('Name').fill('harbor');
    await field('Title').fill('Clinic at the harbor');
    await press('Add it');
    await page.getByRole('heading', { name: 'Add a user' }).waitFor();
    await field('Name').fill('desk');
    await press('Add the user');
    const secret = await page.locator('dialog code').first().innerText();
    await press('I have kept it');
    const { connection } = shown.service.api;
    desk = connect(connection.replace(/\/\/[^@]+@/, '//harbor:desk@'), secret, { renew: false });
    assert.equal((await desk.session()).account?.name, 'harbor');
    await goTo(page, { address: '#/accounts/harbor?tab=numbers' }, LIGHT);
    await field('Number').fill(OWN);
    await press('Add');
    await page.getByText(`${OWN} belongs to the account.`).waitFor();
  });

  test('takes a PDF, says where the number is, and puts documents in their order with the keyboard', async () => {
    await goTo(page, { address: '#/send' }, LIGHT);
    const { id } = (await adminOf()).find(({ name }) => name === 'harbor') ?? { id: '' };
    await page.getByLabel('Account', { exact: true }).selectOption(id);
    await page.getByLabel(/^To/).fill('001 555 010-0001');
    await page.getByText('The call would go over slow').waitFor();
    await press('Make the pages and show them');
    await page.getByText('Add a document, or a cover page.').waitFor();
    const chosen = page.locator('input[type=file]');
    await chosen.setInputFiles([{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note.') }]);
    await chosen.setInputFiles([{ name: 'letter.pdf', mimeType: 'application/pdf', buffer: await letter() }]);
    const names = async () =>
      Promise.all(
        (await page.locator('.documents .long').all()).map(async (one) => (await one.innerText()).split(' ')[0]),
      );
    assert.deepEqual(await names(), ['note.txt', 'letter.pdf']);
    await page.getByRole('button', { name: 'Move letter.pdf up' }).focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await names(), ['letter.pdf', 'note.txt']);
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped'], 'dropped.txt', { type: 'text/plain' }));
      const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector('.documents').dispatchEvent(drop);
    })()`);
    await page.getByRole('button', { name: 'Leave out dropped.txt' }).click();
    await press('Leave out note.txt');
    assert.deepEqual(await names(), ['letter.pdf']);
    assert.deepEqual(await violationsOn(page), []);
  });

  test('shows every page as it will be sent, and what is hard to read on it, before anybody is called', async () => {
    await press('Make the pages and show them');
    await page.getByRole('button', { name: `Send ${PAGES} pages to ${RECEIVER}` }).waitFor();
    fax = decodeURIComponent((await page.evaluate<string>('location.hash')).replace('#/faxes/', ''));
    await page.getByText('1 page may be hard to read.').waitFor();
    assert.match((await page.locator('.notice.warning').first().innerText()) ?? '', new RegExp(`Page ${PAGES}: `));
    await press('Page after');
    await page.getByText(`Page 2 of ${PAGES}`).first().waitFor();
    const image = 'document.querySelector("img.page-image")';
    await page.locator(`img[alt^="Page 2 of"]`).waitFor();
    const [info] = (await desk.faxes.pages(fax)).filter(({ number }) => number === 2);
    assert.equal(await page.evaluate<number>(`${image}.decode().then(() => ${image}.naturalWidth)`), info?.width);
    for (const look of LOOKS) {
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await page.setViewportSize({ ...look.size });
      assert.deepEqual(await violationsOn(page), [], look.name);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(width <= look.size.width, `${look.name}: ${width} wide`);
    }
    assert.deepEqual((await desk.faxes.get(fax)).state, 'held');
    assert.deepEqual(await desk.faxes.calls(fax), []);
  });

  test('is watched page by page, in the live view as well', async () => {
    const before = await desk.faxes.pages(fax);
    await press(/^Send \d+ pages/);
    const told: string[] = [];
    const way = page.getByText(/of 3 pages confirmed/);
    const seen = async (pattern: RegExp) => {
      for (;;) {
        const text = await way.innerText();
        if (text !== told.at(-1)) told.push(text);
        if (pattern.test(text)) return;
        await page.waitForTimeout(100);
      }
    };
    await seen(/^1 of 3/);
    assert.deepEqual(await desk.faxes.pages(fax), before, 'the pages on the line are those that were shown');
    await page.evaluate(`location.hash = '#/live'`);
    await page.getByRole('link', { name: `to ${RECEIVER}` }).waitFor();
    assert.match(await page.locator('.progress').first().innerText(), /[1-3] of 3/);
    await page.evaluate(`location.hash = ${JSON.stringify(`#/faxes/${fax}`)}`);
    await seen(/^3 of 3/);
    assert.ok(
      told.some((text) => text.startsWith('1 of 3')) && told.some((text) => text.startsWith('0 of 3')),
      `${told}`,
    );
    await page.getByText(/^Delivered, 3 of 3 pages/).waitFor();
    await page.getByText('The pages are erased; nobody can show them any more.').waitFor();
  });

  test('has a record with the ladder of its call', async () => {
    await page.getByRole('link', { name: 'Everything about this call' }).click();
    await page.getByRole('heading', { name: 'A call', exact: true }).waitFor();
    await page.getByRole('heading', { name: 'What was said on the line' }).waitFor();
    const said = (await page.locator('.ladder > .scroll > svg').first().textContent()) ?? '';
    for (const name of ['DIS', 'DCS', 'MCF', 'DCN']) assert.match(said, new RegExp(name), `no ${name} in the ladder`);
  });

  test('is in the CSV of the calls, which is the one that the API gives', async () => {
    await goTo(page, { address: '#/calls' }, LIGHT);
    const [file] = await Promise.all([page.waitForEvent('download'), press('Save all as CSV')]);
    assert.match(file.suggestedFilename(), /^calls-.*\.csv$/);
    const saved = await readFile(await file.path(), 'utf8');
    const parts: Uint8Array[] = [];
    await adminOf();
    for await (const part of admin.cdrStream('csv')) parts.push(part.slice());
    assert.equal(saved, Buffer.concat(parts).toString('utf8'));
    assert.equal(saved.trim().split('\r\n').length, 2, 'a heading and one call');
    assert.match(saved, new RegExp(fax));
  });

  test('can be ended from the live view while it is on its way', async () => {
    await goTo(page, { address: '#/send' }, LIGHT);
    const { id } = (await adminOf()).find(({ name }) => name === 'harbor') ?? { id: '' };
    await page.getByLabel('Account', { exact: true }).selectOption(id);
    await page.getByLabel(/^To/).fill(RECEIVER);
    const files = [{ name: 'letter.pdf', mimeType: 'application/pdf', buffer: await letter() }];
    await page.locator('input[type=file]').setInputFiles(files);
    await press('Send without looking');
    await page.getByRole('heading', { name: 'A sent fax' }).waitFor();
    await goTo(page, { address: '#/live' }, LIGHT);
    await press(`Cancel the fax to ${RECEIVER}`);
    await press('End the call');
    await page.getByText('The call is being ended.').waitFor();
    await page.getByText('No call at this moment').waitFor();
    const [newest] = (await desk.faxes.list({ limit: 1 })).items;
    assert.equal(newest?.state, 'canceled');
  });

  test('and when the account is disabled, the session of its user ends', async () => {
    const waiting = desk.events.read({ after: await desk.events.head(), wait: 25 });
    const ended = assert.rejects(waiting, (error) => error instanceof Error);
    await goTo(page, { address: '#/accounts/harbor' }, LIGHT);
    await press('Disable');
    await page.locator('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Nobody of it can log in').waitFor();
    await ended;
    await assert.rejects(desk.session(), (error) => error instanceof ClientError && error.code === 'session_over');
    await goTo(page, { address: '#/send' }, LIGHT);
    const options = await page.getByLabel('Account', { exact: true }).innerText();
    assert.doesNotMatch(options, /harbor/, 'nor is anything sent for it');
  });

  test('with nothing to complain about', () => {
    assert.deepEqual(complaints, []);
  });

  /** The accounts, by the API; the owner logs in with a code of its own once. */
  async function adminOf() {
    const { connection, password } = shown.service.admin;
    admin ??= connectAdmin(connection, password, { totp: () => shown.code() });
    return admin.accounts();
  }
});
