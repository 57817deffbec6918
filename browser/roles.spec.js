// What people of each role do: stories through pages, from signing in on.
//
// What must hold: each story stands by itself, in any order. What the sample
// holds is read from its answer key, not written here a second time.

import { readFileSync } from 'node:fs';

import { PAGES } from './pages.js';
import { expect, signInAs, test } from './server.js';

/** The test whose items are merges that nobody else approved. */
const MERGES = 'change-approved-by-another-person';
const MERGES_TITLE = 'Every merged change was approved by another person';
const KEY = JSON.parse(
  readFileSync(new URL('../sample/fernhollow/answer-key.json', import.meta.url), 'utf8'),
);

/** All that an employee may open. */
const EMPLOYEE_PAGES = [
  '/policies',
  '/policies/access-control',
  '/policies/access-control/history',
  '/account',
  '/account/security',
  '/account/confirm',
  '/account/preferences',
];

/** Pages that are open to everyone; some are opened by a role too. */
const OPEN = PAGES.filter(it => !it.as).map(it => it.path);

const navigation = page => page.getByRole('navigation', { name: 'Main' });

/** Follows a link of the navigation by its title; a number may stand after it. */
async function follow(page, title) {
  const link = navigation(page).getByRole('link', { name: new RegExp(`^${title}\\b`) });
  const path = await link.getAttribute('href');
  await link.click();
  await page.waitForURL(url => url.pathname === path);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** The rows of the only table with this column. */
function rowsOf(page, column) {
  const heading = page.getByRole('columnheader', { name: column });
  return page.getByRole('table').filter({ has: heading }).locator('tbody').getByRole('row');
}

/** Opens the test about reviews of merges by way of the list of tests. */
async function openMerges(page) {
  await follow(page, 'Tests');
  await page.getByRole('combobox', { name: /outcome/i }).selectOption({ label: 'Deviations' });
  const apply = page.getByRole('button', { name: 'Apply' });
  if (await apply.isVisible()) await apply.click();
  await expect(page).toHaveURL(/[?&]outcome=deviations/);
  const deviating = Object.values(KEY.tests).filter(test => test.deviations > 0);
  const rows = rowsOf(page, 'Outcome');
  await expect(rows).toHaveCount(deviating.length);
  await expect(rows.filter({ hasText: 'No deviations' })).toHaveCount(0);
  await page.getByRole('link', { name: MERGES_TITLE }).click();
  await expect(page.getByRole('heading', { level: 1, name: MERGES_TITLE })).toBeVisible();
}

/** The items that deviate are listed, each with its reason, and no others. */
async function expectDeviations(page) {
  const { items } = KEY.tests[MERGES];
  expect(items).toHaveLength(2);
  const deviates = page.getByRole('cell', { name: 'Deviation', exact: true });
  const rows = rowsOf(page, 'Reason').filter({ has: deviates });
  await expect(rows).toHaveCount(items.length);
  for (const item of items) {
    await expect(rows.filter({ hasText: item })).toContainText(/merged .*without an approval/);
  }
}

/** Nothing on the page changes anything; signing out is no change, and views are one's own. */
async function expectNothingToChange(page) {
  await expect(page.locator('form[method="post" i]:not([action="/sign-out"]):not([action^="/views"])')).toHaveCount(0);
  await expect(page.locator('[hx-post], [hx-put], [hx-patch], [hx-delete]')).toHaveCount(0);
}

test.describe('a stranger', () => {
  test('is sent to the sign-in from every page and gets nothing else', async ({ page, request }) => {
    for (const { path } of PAGES.filter(it => !OPEN.includes(it.path))) {
      await test.step(path, async () => {
        const answer = await request.get(path, { maxRedirects: 0, headers: { accept: 'text/html' } });
        expect([302, 303, 307]).toContain(answer.status());
        expect(new URL(answer.headers().location, answer.url()).pathname).toBe('/sign-in');
        expect(await answer.text()).not.toMatch(/Fernhollow|<main/);
      });
    }
    await page.goto('/controls/TM-048');
    await expect(page).toHaveURL(/\/sign-in(\?|$)/);
    await expect(navigation(page)).toHaveCount(0);
  });
});

test.describe('the compliance manager', () => {
  test.use({ changes: true });

  test('finds what deviates and answers it', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    const attention = page.getByRole('listitem').filter({ hasText: MERGES_TITLE });
    await follow(page, 'Dashboard');
    await expect(attention.getByText('Not answered', { exact: true })).toBeVisible();

    await openMerges(page);
    await expectDeviations(page);

    const field = name => page.getByRole('main').getByLabel(name, { exact: true });
    const answer = {
      Position: 'Management agrees.',
      Cause: 'Two administrators could override the protection of the main branch.',
      Action: 'Both changes were reviewed, and the right to override was taken away.',
      'Role that answers for it': 'Chief Technology Officer',
      'Done by': '2026-09-30',
    };
    await page.getByText('Answer', { exact: true }).click();
    for (const [name, text] of Object.entries(answer)) await field(name).fill(text);
    await page.getByRole('button', { name: 'Record the response' }).click();
    await expect(page.getByRole('main')).toContainText(answer.Cause);

    await follow(page, 'Dashboard');
    await expect(attention.getByText('Answered', { exact: true })).toBeVisible();
  });
});

test.describe('the manager of the firm', () => {
  test('sees what deviates and can change nothing of it', async ({ page }) => {
    await signInAs(page, 'manager');
    await openMerges(page);
    await expectDeviations(page);
    await expect(page.getByLabel('Position', { exact: true })).toHaveCount(0);
    await expectNothingToChange(page);
    await follow(page, 'Tests');
    await expectNothingToChange(page);
  });
});

test.describe('the partner', () => {
  test('opens the engagement and the report', async ({ page }) => {
    await signInAs(page, 'partner');
    await follow(page, 'Engagement');
    await expect(page).toHaveURL(/\/engagement$/);
    await expect(page.getByRole('main')).toContainText('Fernhollow');
    await follow(page, 'Report');
    await expect(page).toHaveURL(/\/report$/);
    await expect(page.getByRole('main')).toContainText('BRW-2026-014');
  });
});

test.describe('an employee', () => {
  test('sees the policies, the own account and nothing else', async ({ page }) => {
    await signInAs(page, 'employee');
    await page.goto('/');
    await expect(page).toHaveURL(/\/policies$/);
    await expect(navigation(page).getByRole('link')).toHaveText([/^Policies\b/]);
    for (const path of EMPLOYEE_PAGES) {
      expect((await page.goto(path)).status(), path).toBe(200);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    }
    const elsewhere = [...EMPLOYEE_PAGES, ...OPEN, '/'];
    for (const { path } of PAGES.filter(it => !elsewhere.includes(it.path))) {
      await test.step(path, async () => {
        const answer = await page.goto(path);
        expect([403, 404], path).toContain(answer.status());
      });
    }
  });
});
