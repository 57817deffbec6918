// What goes wrong, and work that goes on beside.
//
// What must hold: whoever meets an error learns what happened and has a way on;
// the page of an error is as good as any other; a job tells how far it is, and
// records nothing once it was cancelled.

import { button, expectGood, jobDone, ledgerSize, link, main, wrong } from './story.js';
import { expect, signInAs, test } from './server.js';

test.describe('an error', () => {
  /** By what it is: who meets it, where, its status and what it says. */
  const FAULTS = {
    'an address of nothing': ['owner', '/no/such/page', 404, 'Nothing here', 'search'],
    'a control that is not there': ['owner', '/controls/TM-999', 404, 'Nothing here', 'search'],
    'a page for other roles': ['control_owner', '/settings', 403, 'Not allowed', 'ask an owner'],
    'a file that has no place': ['owner', '/program/edit?file=../x', 422, 'That cannot be accepted', 'files are such as'],
    'a day that is none': ['owner', '/controls?at=yesterday', 422, 'That cannot be accepted', 'yesterday'],
  };
  for (const [what, [role, path, status, title, told]] of Object.entries(FAULTS)) {
    test(`of ${what} is told, with a way on`, async ({ page, enterAs }) => {
      await enterAs(role);
      await page.goto('/controls');
      const answer = await page.goto(path);
      expect(answer.status()).toBe(status);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
      await expect(wrong(page)).toContainText(told);
      await expectGood(page, `error ${what}`);
      await link(page, 'Back').click();
      await expect(page).toHaveURL(/\/controls$/);
    });
  }

  test('of a form is told, and what was typed is there', async ({ page, enterAs }) => {
    await enterAs('owner');
    await page.goto('/policies/access-control/edit');
    const text = main(page).getByLabel('The file');
    const typed = (await text.inputValue()).replace('version = "7"', 'version = 7 7');
    await text.fill(typed);
    const answered = page.waitForResponse(it => it.request().method() === 'POST');
    await button(page, 'Propose').click();
    expect((await answered).status()).toBe(422);
    await expect(wrong(page).first()).toContainText('access-control.md');
    await expect(text).toHaveValue(typed);
    await expectGood(page, 'error of a form');
  });

  test('of who is not signed in is a way in, back to the whole address', async ({ page }) => {
    await page.goto('/controls?standing=deviates&sort=-id');
    await expect(page).toHaveURL(/\/sign-in\?/);
    await expectGood(page, 'sign-in');
    await main(page).locator('button[value="read_only"]').click();
    await expect(page).toHaveURL(/\/controls\?standing=deviates&sort=-id$/);
  });
});

test.describe('a job', () => {
  test.use({ changes: true });

  test('tells how far it is, then what came of it', async ({ page }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/tests');
    const events = page.waitForRequest(/\/jobs\/\d+\/events$/);
    await button(page, 'Run all tests').click();
    await expect(page).toHaveURL(/\/jobs\/\d+$/);
    await events;
    await expect(main(page).locator('.note.ok')).toContainText(/50 tests over [\d,]+ items/, { timeout: 20_000 });
    await expect(link(page, 'Show')).toBeFocused();
    await expectGood(page, 'job that is done');
    // It is there again when the page is loaded anew, and nobody else's.
    await page.reload();
    await jobDone(page, '50 tests');
    await expect(page).toHaveURL(/\/tests$/);
  });

  test('of someone else is not there', async ({ page, browser, server }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/ledger');
    await button(page, 'Verify now').click();
    await expect(page).toHaveURL(/\/jobs\/\d+$/);
    const context = await browser.newContext({ baseURL: server.address });
    const other = await context.newPage();
    await signInAs(other, 'owner');
    expect((await other.goto(new URL(page.url()).pathname)).status()).toBe(404);
    await context.close();
    await expect(main(page).locator('.note.ok')).toContainText('every leaf, body, hash and signature holds', { timeout: 20_000 });
  });

  test('that is cancelled records nothing', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    const before = await ledgerSize(page);
    // All tests take less than a second, so no button is waited for: what the
    // page offers while they run is sent right away.
    const started = await page.request.post('/tests/run', { form: {}, maxRedirects: 0 });
    const job = started.headers().location;
    const shown = await (await page.request.get(job)).text();
    expect(shown).toContain(`<form method="post" action="${job}/cancel">`);
    await page.request.post(`${job}/cancel`);
    await expect(async () => {
      await page.goto(job);
      await expect(page.getByRole('progressbar')).toHaveCount(0, { timeout: 100 });
    }).toPass();
    await expect(main(page)).toContainText('Cancelled. Nothing was recorded.');
    expect(await ledgerSize(page)).toBe(before);
    await expectGood(page, 'job that was cancelled');
  });
});
