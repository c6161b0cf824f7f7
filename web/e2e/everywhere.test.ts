import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barriers, closeBrowser, closePage, openPage, overflows, picture, Server, search } from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

const SYSTEM = [
  'caches',
  'alerts',
  'notifications',
  'fee-cards',
  'database',
  'users',
  'tokens',
  'audit',
  'about',
];
const PAGES = [
  '/',
  '/discover',
  '/niches',
  '/sourcing',
  '/rules',
  '/history',
  ...SYSTEM.map((part) => `/system/${part}`),
  '/setup',
];
const name = (path: string) => (path === '/' ? 'dashboard' : path.slice(1).replace('/', '-'));

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(PAGES)('%s has no barrier that axe calls serious', async (path) => {
    const page = await openPage(server.url + path, { colorScheme: theme, reducedMotion: 'reduce' });
    await page.waitForLoadState('networkidle');
    if (path === '/discover') await search(page);
    expect(await page.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(
      theme === 'dark',
    );
    expect(await barriers(page)).toEqual([]);
    await picture(page, `${name(path)}-${theme}`);
    await page.setViewportSize({ width: 375, height: 760 });
    expect(await overflows(page)).toBe(false);
    await picture(page, `${name(path)}-${theme}-375`);
    await closePage(page);
  });

  test('a product has none either', async () => {
    const page = await openPage(`${server.url}/discover`, { colorScheme: theme, reducedMotion: 'reduce' });
    await search(page);
    await page.locator('[data-asin]').first().click();
    await page.getByTestId('waterfall').waitFor();
    await page.locator('.uplot').waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, `product-${theme}`);
    await page.setViewportSize({ width: 375, height: 760 });
    expect(await overflows(page)).toBe(false);
    await picture(page, `product-${theme}-375`);
    await closePage(page);
  });
});

test('at 200 % nothing is cut off', async () => {
  for (const path of PAGES) {
    // Twice as large on a screen of 1280 pixels is as if it had 640.
    const page = await openPage(server.url + path, { viewport: { width: 640, height: 430 } });
    await page.waitForLoadState('networkidle');
    expect(await overflows(page), path).toBe(false);
    await closePage(page);
  }
});

test('language and theme are switched at once, and stay', async () => {
  const page = await openPage(server.url);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await page.getByRole('button', { name: 'Appearance and language' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Français' }).click();
  await page.getByRole('heading', { name: 'Tableau de bord' }).waitFor();
  await page.getByRole('button', { name: 'Apparence et langue' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Sombre' }).click();
  await page.reload();
  await page.getByRole('heading', { name: 'Tableau de bord' }).waitFor();
  expect(
    await page.evaluate(() => [document.documentElement.lang, document.documentElement.className]),
  ).toEqual(['fr', 'dark']);
  await closePage(page);
});

test('every page is reached by the keyboard alone', async () => {
  const page = await openPage(server.url);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('heading', { name: 'Discover' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('A page, a command, an ASIN…').fill('syst');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'System' }).waitFor();
  await closePage(page);
});

test('demo data is called so on every page, and an unknown address has a page of its own', async () => {
  for (const path of [...PAGES.filter((path) => path !== '/setup'), '/nowhere']) {
    const page = await openPage(server.url + path);
    await page.getByTestId('demo').waitFor();
    if (path === '/nowhere') await page.getByText('There is no such page').waitFor();
    await closePage(page);
  }
});
