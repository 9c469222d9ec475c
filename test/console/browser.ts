import { readFile } from 'node:fs/promises';
import { type Program, programOnHost, unpackedPackages, unpackedProgram } from '../servers/debian.ts';

/** As much of playwright-core as is used here; it is installed by `npm run test:console` only. */
export interface Page {
  goto(url: string): Promise<unknown>;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  getByLabel(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByText(text: string | RegExp): Locator;
  locator(selector: string): Locator;
  evaluate<T>(script: string): Promise<T>;
  screenshot(options: { path?: string; fullPage?: boolean; animations?: 'disabled' }): Promise<Buffer>;
  emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  on(event: 'console', heard: (message: { type(): string; text(): string }) => void): unknown;
  on(event: 'pageerror', heard: (error: Error) => void): unknown;
  on(event: 'request', heard: (request: { url(): string; method(): string }) => void): unknown;
  keyboard: { press(key: string): Promise<void> };
  /** Awaited beside what starts it. */
  waitForEvent(event: 'download'): Promise<Download>;
  url(): string;
  waitForTimeout(ms: number): Promise<void>;
  waitForLoadState(state: 'networkidle'): Promise<void>;
}

/** A file that the page has given to its reader. */
export interface Download {
  suggestedFilename(): string;
  path(): Promise<string>;
}

/** An element, waited for until it is there. */
export interface Locator {
  click(): Promise<void>;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  getByLabel(text: string | RegExp): Locator;
  locator(selector: string): Locator;
  fill(text: string): Promise<void>;
  waitFor(options?: { state?: 'visible' | 'hidden' | 'detached' }): Promise<void>;
  textContent(): Promise<string | null>;
  innerText(): Promise<string>;
  count(): Promise<number>;
  first(): Locator;
  nth(index: number): Locator;
  all(): Promise<Locator[]>;
  getAttribute(name: string): Promise<string | null>;
  selectOption(value: string): Promise<unknown>;
  check(): Promise<void>;
  focus(): Promise<void>;
  setInputFiles(files: readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void>;
  isVisible(): Promise<boolean>;
  filter(options: { hasText: string | RegExp }): Locator;
  allInnerTexts(): Promise<string[]>;
  inputValue(): Promise<string>;
}

/** A profile of its own: nothing is left in it from another. */
export interface Visit {
  newPage(): Promise<Page>;
  pages(): readonly Page[];
  setDefaultTimeout(ms: number): void;
  /** Straight to the browser, in the words of its developer tools. */
  newCDPSession(page: Page): Promise<{ send(method: string, parameters?: object): Promise<unknown> }>;
  close(): Promise<void>;
}

/** A running browser. */
export interface Browser {
  newContext(options: {
    ignoreHTTPSErrors: boolean;
    viewport: { width: number; height: number };
    deviceScaleFactor?: number;
    timezoneId: string;
    locale: string;
    reducedMotion: 'reduce';
  }): Promise<Visit>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[]; env: Record<string, string> }): Promise<Browser>;
  };
}

const PACKAGE = 'playwright-core';
const RULES = new URL('./node_modules/axe-core/axe.min.js', import.meta.url);
/** What Chromium's package asks for beyond a small image; what the host has is not fetched. */
const DEBIAN = ['chromium', 'chromium-common'];

/** Chromium of this host, or Debian's unpacked beside the packages; undefined where neither can be. */
async function chromium(): Promise<Program | undefined> {
  const here = await programOnHost('chromium');
  if (here !== undefined) return here;
  const root = await unpackedPackages('chromium', DEBIAN);
  return root === undefined ? undefined : unpackedProgram(root, 'usr/lib/chromium/chromium');
}

/** The browser, or why there is none. */
export async function startBrowser(): Promise<Browser | string> {
  const program = await chromium();
  if (program === undefined) return 'neither this host nor its Debian mirror has a Chromium that runs here';
  const { chromium: launcher } = (await import(`./node_modules/${PACKAGE}/index.mjs`)) as Playwright;
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/tmp', ...program.env };
  // Without its own sandbox: the tests may run as root, and what it loads is ours.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'];
  return launcher.launch({ executablePath: program.path, args, env });
}

/** One thing that axe found. */
export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

let rules: Promise<string> | undefined;

/** What axe finds on the page by the rules of WCAG 2.2 A and AA and of good practice. */
export async function violationsOn(page: Page): Promise<Violation[]> {
  rules ??= readFile(RULES, 'utf8');
  // From outside of the page, whose own policy lets no other script in.
  await page.evaluate(`${await rules}; undefined`);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const options = JSON.stringify({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  return page.evaluate(`axe.run(document, ${options}).then(({ violations }) => violations.map(
    ({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`);
}
