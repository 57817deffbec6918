// What was, and taking back: pages as of another day, undo as a new entry, and
// who may only read.
//
// What must hold: a page of the past says so, and offers nothing that would
// change the present; nothing is taken away by taking a change back.

import { button, card, changesOffered, expectGood, field, follow, ledgerSize, link, main, navigation, rowsOf } from './story.js';
import { expect, signInAs, test } from './server.js';

/** The addresses in the navigation. */
const paths = page => navigation(page).getByRole('link').evaluateAll(all => all.map(it => it.getAttribute('href')));

test.describe('a page of the past', () => {
  test('says so, keeps to the day, and leads back', async ({ page, enterAs }) => {
    await enterAs('compliance_manager');
    await page.goto('/controls/TM-048/history');
    const first = main(page).getByRole('listitem').last();
    await first.getByRole('link').click();
    await expect(page).toHaveURL(/\/controls\/TM-048\?at=\d+$/);
    const banner = page.locator('.past');
    await expect(banner).toContainText('Nothing can be changed here.');
    await expect(link(page, 'Edit')).toHaveCount(0);
    await expect(link(page, 'Add evidence')).toHaveCount(0);
    await expectGood(page, 'a control in the past');
    const at = new URL(page.url()).searchParams.get('at');
    await follow(page, 'Risks');
    expect(new URL(page.url()).searchParams.get('at')).toBe(at);
    await expect(banner).toBeVisible();
    await banner.getByRole('link', { name: 'Back to now' }).click();
    await expect(page).toHaveURL(/\/risks$/);
    await expect(banner).toHaveCount(0);
  });

  test('offers no change anywhere', async ({ page, enterAs }) => {
    await enterAs('owner');
    await page.goto('/?at=2026-07-01');
    const deep = ['/controls/TM-048', '/tests/change-approved-by-another-person', '/policies/access-control', '/risks/R-01', '/vendors/VND-001', '/description/10-access', '/ledger/10'];
    const offered = [];
    for (const path of [...(await paths(page)), ...deep.map(it => `${it}?at=2026-07-01`)]) {
      await page.goto(path);
      const says_so = (await page.locator('.past').count()) === 1;
      // A page that is always of the present is not linked to as of a day.
      expect(says_so, path).toBe(path.includes('at='));
      if (says_so) offered.push(...(await changesOffered(page)).map(it => `${path}: ${it}`));
    }
    expect(offered).toEqual([]);
  });
});

test.describe('who may only read', () => {
  test('opens every page and finds nothing that changes anything', async ({ page, enterAs }) => {
    await enterAs('read_only');
    await page.goto('/');
    const all = await paths(page);
    expect(all.length).toBeGreaterThan(12);
    const offered = [];
    for (const path of all) {
      const answer = await page.goto(path);
      expect(answer.status(), path).toBe(200);
      const heading = await page.getByRole('heading', { level: 1 }).count();
      expect(heading, path).toBe(1);
      offered.push(...(await changesOffered(page)).map(it => `${path}: ${it}`));
      // The first row leads to a page on which the same holds.
      const row = main(page).locator('tbody a, ul.rows a.row-link').first();
      if ((await row.count()) === 0) continue;
      const deeper = await row.getAttribute('href');
      expect((await page.goto(deeper)).status(), deeper).toBe(200);
      // Everyone of the company acknowledges policies.
      offered.push(...(await changesOffered(page, [/^\/policies\/[^/]+\/acknowledge$/])).map(it => `${deeper}: ${it}`));
    }
    expect(offered).toEqual([]);
    await expect(main(page).getByRole('link', { name: /^(Edit|Add|Upload|Propose)/ })).toHaveCount(0);
  });
});

test.describe('taking back', () => {
  test.use({ changes: true });

  test('is a new entry, and the old ones stay', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    await page.goto('/records/risk?id=R-01');
    const title = field(page, 'What could happen');
    const before = await title.inputValue();
    await title.fill('Something that was never meant');
    await button(page, 'Record').click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Something that was never meant');

    const size = await ledgerSize(page);
    await page.goto('/ledger');
    const newest = rowsOf(page, 'Actor').first();
    await expect(newest).toContainText('set a file of the program');
    await expect(newest).toContainText('Idris Faulkmore');
    await newest.getByRole('link').first().click();
    await expect(card(page, 'What it says')).toContainText('Something that was never meant');
    await expectGood(page, 'an entry to take back');
    await button(page, 'Put back what was before').click();
    await expect(page).toHaveURL(/\/ledger/);
    expect(await ledgerSize(page)).toBe(size + 1);
    await page.goto('/risks/R-01');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(before);

    // The change itself is still there, and so is the risk as of then.
    await page.goto(`/ledger/${size - 1}`);
    await expect(card(page, 'What it says')).toContainText('Something that was never meant');
    await page.goto(`/risks/R-01?at=${size - 1}`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Something that was never meant');
    await expect(page.locator('.past')).toBeVisible();
  });
});
