// The product without a mouse.
//
// What must hold: nothing here clicks; what has the focus can be seen; what
// opens with a key closes with Escape and gives the focus back.

import { expect, test } from './server.js';

/** What has the focus is drawn with an outline, by itself or by what holds it. */
async function expectFocusSeen(page) {
  const outlined = await page.evaluate(() => {
    const seen = element => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
    };
    const it = document.activeElement;
    return seen(it) || (it.parentElement && it.parentElement.matches(':focus-within') && seen(it.parentElement)) || it.matches('dialog *');
  });
  expect(outlined, await page.evaluate(() => `focus is seen on ${document.activeElement.outerHTML.slice(0, 120)}`)).toBe(true);
}

/** Presses Tab until an element has the focus; every stop on the way is seen. */
async function tabTo(page, target, limit = 60) {
  for (let count = 0; count < limit; count += 1) {
    await page.keyboard.press('Tab');
    await expectFocusSeen(page);
    if (await target.evaluate(it => it === document.activeElement)) return;
  }
  throw new Error(`${limit} times Tab did not reach it`);
}

test.beforeEach(async ({ enterAs }) => {
  await enterAs('owner');
});

test('the first Tab skips the navigation', async ({ page }) => {
  await page.goto('/controls');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  const is_inside = await page.evaluate(() => document.activeElement.closest('main') !== null);
  expect(is_inside).toBe(true);
});

test('the palette finds a control and opens it', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  const input = page.getByRole('searchbox', { name: 'Search', exact: true });
  await expect(input).toBeFocused();
  await page.keyboard.type('TM-04');
  const found = page.locator('#palette-found a');
  await expect(found.filter({ hasText: 'TM-048' })).toHaveCount(1);
  const second = await found.nth(1).getAttribute('href');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect(page.locator('#palette-found a[data-on]')).toHaveAttribute('href', second);
  await expect(page.locator('#live')).toHaveText(await found.nth(1).textContent());
  await page.keyboard.press('Enter');
  await page.waitForURL(url => url.pathname === second);

  await page.keyboard.press('Control+k');
  await expect(page.locator('#palette')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#palette')).toBeHidden();
});

test('a table is filtered and a row opened', async ({ page }) => {
  await page.goto('/controls');
  await tabTo(page, page.getByRole('main').getByRole('searchbox', { name: 'Filter', exact: true }));
  await page.keyboard.type('TM-048');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/q=TM-048/);
  const rows = page.getByRole('main').locator('tbody tr');
  await expect(rows).toHaveCount(1);
  await page.reload();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, rows.getByRole('link').first());
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/controls\/TM-048$/);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 375, height: 812 } });

  test('the menu opens, closes with Escape and leads on', async ({ page }) => {
    await page.goto('/controls');
    const menu = page.getByRole('button', { name: 'Menu' });
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await expect(navigation).toBeHidden();
    await tabTo(page, menu, 5);
    await expect(menu).toHaveAttribute('aria-expanded', 'false');
    await page.keyboard.press('Enter');
    await expect(menu).toHaveAttribute('aria-expanded', 'true');
    await expect(navigation).toBeVisible();
    expect(await page.evaluate(() => document.activeElement.closest('#side') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await expect(navigation).toBeHidden();
    await expect(menu).toHaveAttribute('aria-expanded', 'false');
    await expect(menu).toBeFocused();

    await page.keyboard.press('Enter');
    await tabTo(page, navigation.getByRole('link', { name: /^Risks/ }));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/risks$/);
    await expect(navigation).toBeHidden();
  });
});
