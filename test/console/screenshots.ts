import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { startBrowser } from './browser.ts';
import { openExhibition } from './exhibition.ts';
import { goTo, LIGHT, LOOKS, type Look, signIn, stops, visitTo } from './tour.ts';

/** Pictures of every page for the docs: `npm run screenshots`. What stood there before is removed. */
const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
/** Pixels. */
const TALLEST = 1_500;
/** Pages that are shown in every look; the others by day at a desk alone. */
const EVERY_LOOK = ['dashboard', 'faxes-one'];

/** Few colours are enough for a page of text; what is below the fold of a long one is left out. */
async function writeSmall(png: Buffer, path: string): Promise<void> {
  const { width, height } = await sharp(png).metadata();
  const shownPart = { left: 0, top: 0, width, height: Math.min(height, TALLEST) };
  await sharp(png).extract(shownPart).png({ palette: true, colours: 48, effort: 10 }).toFile(path);
}

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
  const picture = async (name: string, { name: look }: Look) => {
    const file = look === 'light' ? `${name}.png` : `${name}-${look}.png`;
    await writeSmall(await page.screenshot({ fullPage: true }), join(FOLDER, file));
  };
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
