import { readFile } from 'node:fs/promises';
import type { Browser, Page, Visit } from './browser.ts';
import type { Exhibition } from './exhibition.ts';

/** A page of the console in the state of the exhibition. */
export interface Stop {
  /** Name of its picture. */
  readonly name: string;
  /** Its pattern in pages.tsx. */
  readonly path: string;
  /** Where the browser goes. */
  readonly address: string;
}

/** A way of looking at pages. */
export interface Look {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly size: { readonly width: number; readonly height: number };
}

/** A desk. */
export const LIGHT: Look = { name: 'light', colorScheme: 'light', size: { width: 1280, height: 900 } };

export const LOOKS: readonly Look[] = [
  LIGHT,
  { name: 'dark', colorScheme: 'dark', size: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', size: { width: 375, height: 812 } },
  { name: 'phone-dark', colorScheme: 'dark', size: { width: 375, height: 812 } },
];

/** Patterns in the console's own table of pages: what the tour has to lead to. */
export async function patterns(): Promise<string[]> {
  const table = await readFile(new URL('../../api/console/pages.tsx', import.meta.url), 'utf8');
  const found = [...table.matchAll(/\{ path: '([^']+)'/g)].map(([, path]) => path ?? '');
  if (found.length === 0) throw new Error('no page was found in pages.tsx');
  return found;
}

/** A stop at every page; of pages of one thing, at the thing that the exhibition shows. */
export async function stops({ shown }: Exhibition): Promise<Stop[]> {
  const pages = (await patterns()).map((path) => {
    const address = path.replaceAll(/(\w+)\/:\w+/g, (_all, of: string) => {
      const id = shown[of];
      if (id === undefined) throw new Error(`the exhibition shows none of the ${of} for ${path}`);
      return `${of}/${encodeURIComponent(id)}`;
    });
    const name =
      path === '/'
        ? 'dashboard'
        : path
            .slice(1)
            .replaceAll(/\/:\w+$/g, '-one')
            .replaceAll(/\/:?/g, '-');
    return { name, path, address: `#${address}` };
  });
  // The same page says much else of a fax whose pages are to be looked at.
  return [...pages, { name: 'review', path: '/faxes/:id', address: `#/faxes/${shown.review ?? ''}` }];
}

/** A visit with nothing in the browser from before, in the language and zone of the pictures. */
export async function visitTo(browser: Browser): Promise<Visit> {
  const visit = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  visit.setDefaultTimeout(15_000);
  return visit;
}

/** Fills the sign-in form of a first visit and waits for the dashboard. */
export async function signIn(page: Page, { service, code }: Exhibition): Promise<void> {
  await page.goto(`${service.url}/console`);
  await page.getByLabel(/Connection string/).fill(service.admin.connection);
  await signInAgain(page, service.admin.password, await code());
}

/** The words of everything that waits for a person. */
export async function alertsOn(page: Page): Promise<string[]> {
  const links = await page.locator('.alerts a').all();
  return Promise.all(links.map((link) => link.innerText()));
}

/** The same where the browser knows the gateway already. */
export async function signInAgain(page: Page, password: string, code: string): Promise<void> {
  await page.getByLabel(/Password/).fill(password);
  await page.getByLabel(/Code of/).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
}

/** Goes to a page and waits until it has read everything that it shows. */
export async function goTo(page: Page, { address }: Pick<Stop, 'address'>, { colorScheme, size }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ ...size });
  await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
  await page.locator('h1').waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.loading').first().waitFor({ state: 'hidden' });
}
