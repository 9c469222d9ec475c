import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { totpCode } from '../../crypto/index.ts';
import type { User } from '../../gateway/fax/account.ts';
import { type Rig, startRig } from '../e2e/api/rig.ts';
import { SealedClient } from '../e2e/api/sealed-client.ts';
import { type Browser, type Page, startBrowser, violationsOn } from './browser.ts';
import { goTo, LIGHT, LOOKS, visitTo } from './tour.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

const PASSWORD = 'a long enough password';
const NEW_PASSWORD = 'nine zeb';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PAGE = { address: '#/me' };

/** Shows six digits, each once. */
class AuthenticatorApp {
  readonly #secret: Uint8Array;
  #used = Math.floor(Date.now() / 30_000) - 2;

  constructor(text: string) {
    const bits = [...text].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
    this.#secret = Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
  }

  code(): string {
    this.#used = Math.max(this.#used + 1, Math.floor(Date.now() / 30_000) - 1);
    return totpCode(this.#secret, this.#used);
  }
}

describe('one’s own sign-in, in a browser at a real gateway', { skip }, () => {
  let rig: Rig;
  let page: Page;
  let user: User;
  let app: AuthenticatorApp;
  let codes: string[] = [];
  const complaints: string[] = [];

  before(async () => {
    rig = await startRig();
    const rank = { role: 'owner', scope: null } as const;
    user = await rig.gateway.access.createPasswordUser('admin', null, 'anna', PASSWORD, [], 'local', rank);
    page = await (await visitTo(browser as Browser)).newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  after(async () => {
    await (browser as Browser).close();
    await rig?.stop();
  });

  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  const field = (name: string | RegExp) => page.getByRole('textbox', { name });
  const shown = (text: string | RegExp) => page.getByText(text).waitFor();
  const enter = async (password: string, code = '') => {
    await field(/Password/).fill(password);
    await field(/Code of/).fill(code);
    await press('Sign in');
    await page.getByRole('heading', { name: /^(Dashboard|My sign-in)$/ }).waitFor();
    await goTo(page, PAGE, LIGHT);
  };
  /** As if a quarter of an hour had gone since the last proof. */
  const age = async () => {
    for (const { sid } of await rig.gateway.access.sessions.list({ user: user.id }))
      await rig.gateway.access.sessions.update(sid, { provenAt: Date.now() - 900_000 });
  };

  test('an authenticator is read from a QR code, and holds from its first code on', async () => {
    await page.goto(`${rig.origin.replace('127.0.0.1', 'localhost')}/console`);
    await field(/Connection string/).fill(rig.pin);
    await field('User').fill('anna');
    await enter(PASSWORD);
    await press('Set up an authenticator');
    await page.locator('svg.qr').waitFor();
    assert.deepEqual(await violationsOn(page), []);
    app = new AuthenticatorApp(await page.locator('dialog code').first().innerText());
    await field(/First code/).fill('000000');
    await press('Use it from now on');
    await shown(/not a code of the authenticator/);
    await field(/First code/).fill(app.code());
    await press('Use it from now on');
    await page.getByRole('heading', { name: 'Ten recovery codes' }).waitFor();
    codes = (await page.locator('.codes').innerText()).split('\n').map((line) => line.trim());
    assert.equal(new Set(codes).size, 10);
    assert.deepEqual(await violationsOn(page), []);
    await press('I have kept it');
    await shown(/Recovery codes left: 10 of 10/);
  });

  test('a change asks again who is there, once its answer was wrong too, and is then carried out', async () => {
    await age();
    await field(/^New password/).fill(NEW_PASSWORD);
    await field(/The same again/).fill(NEW_PASSWORD);
    await press('Change my password');
    await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await field(/Your password/).fill('not the password');
    await field(/Six digits/).fill(app.code());
    await press('It is me');
    await shown(/is not accepted/);
    await field(/Your password/).fill(PASSWORD);
    await field(/Six digits/).fill(app.code());
    await press('It is me');
    await shown('Your password is changed.');
  });

  test('who leaves the question unanswered changes nothing', async () => {
    await age();
    await press('New recovery codes');
    await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
    await page.keyboard.press('Escape');
    await shown('Who asks has to prove it again.');
    assert.equal((await rig.gateway.accounts.secondSteps(user.id))?.recoveryCodes, 10);
  });

  test('a recovery code opens in the place of the authenticator', async () => {
    await press('Sign out');
    await enter(NEW_PASSWORD, codes[0]);
    await shown(/Recovery codes left: 9 of 10/);
  });

  test('other sessions are seen and ended', async () => {
    const login = { realm: 'admin', user: 'anna', secret: NEW_PASSWORD, recovery: codes[1], device: 'elsewhere' };

    const other = await SealedClient.login(rig.origin, rig.pin, login);
    await goTo(page, { address: '#/' }, LIGHT);
    await goTo(page, PAGE, LIGHT);
    await page.getByRole('row', { name: /elsewhere/ }).waitFor();
    await press('End all others');
    await shown('The sessions have ended.');
    await assert.rejects(other.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
  });

  test('can be used on a phone, in the dark and by a screen reader', async () => {
    for (const look of LOOKS) {
      await goTo(page, PAGE, look);
      assert.deepEqual(await violationsOn(page), [], look.name);
      const wider = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      assert.equal(wider, false, look.name);
    }
    assert.deepEqual(complaints, []);
  });
});
