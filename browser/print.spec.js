// Every page of `pages.json` on paper: what is on it fits A4, nothing that can
// only be clicked is there, and it says where it comes from, also where the
// screen is dark.

import { fitsWidth } from './checks.js';
import { PAGES } from './pages.js';
import { expect, test } from './server.js';

// 210 mm less two margins of 12 mm, in CSS pixels.
test.use({ colorScheme: 'dark', viewport: { width: 703, height: 1000 } });

// The report is a document of its own, and `/api` is read without signing in.
const printed = PAGES.filter(({ path, as }) => as && !path.startsWith('/report/'));

for (const { path, as } of printed) {
  test(`${path} as ${as}`, async ({ page, enterAs }) => {
    await enterAs(as);
    await page.goto(path);
    await page.emulateMedia({ media: 'print' });
    expect(await fitsWidth(page)).toEqual([]);
    await expect(page.locator('.side, .topbar, .btn, .tabs, .views').locator('visible=true')).toHaveCount(0);
    if (await page.locator('#side').count() === 0) return;
    await expect(page.locator('.colophon')).toContainText(/from \d+ entries of the ledger/);
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(background).toBe('rgb(255, 255, 255)');
  });
}
