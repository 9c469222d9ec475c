import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBrowser } from './browser.ts';
import { openExhibition } from './exhibition.ts';
import { goTo, LIGHT, LOOKS, type Look, signIn, stops, visitTo } from './tour.ts';

/** Pictures of every page for the docs: `npm run screenshots`. What stood there before is removed. */
const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
/** Pages that are shown in every look; the others by day at a desk alone. */
const EVERY_LOOK = ['dashboard', 'faxes-one'];

const browser = await startBrowser();
if (typeof browser === 'string') {
  process.stderr.write(`no screenshots: ${browser}\n`);
  process.exit(1);
}
const shown = await openExhibition();
try {
  await mkdir(FOLDER, { recursive: true });
  for (const name of await readdir(FOLDER)) if (name.endsWith('.png')) await rm(join(FOLDER, name));
  const page = await (await visitTo(browser)).newPage();
  const picture = (name: string, { name: look }: Look) =>
    page.screenshot({ path: join(FOLDER, look === 'light' ? `${name}.png` : `${name}-${look}.png`), fullPage: true });
  await page.goto(`${shown.service.url}/console`);
  await page.getByRole('heading', { name: 'Sealfax console' }).waitFor();
  await picture('sign-in', LIGHT);
  await signIn(page, shown);
  for (const stop of await stops(shown)) {
    for (const look of EVERY_LOOK.includes(stop.name) ? LOOKS : [LIGHT]) {
      await goTo(page, stop, look);
      await picture(stop.name, look);
    }
  }
  process.stdout.write(`${(await readdir(FOLDER)).length} pictures in docs/screenshots\n`);
} finally {
  await browser.close();
  await shown.stop();
}
