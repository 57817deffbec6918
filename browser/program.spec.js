// The program is kept up to date: records with forms, sections of the
// description, policies, and what people keep for themselves.
//
// What must hold: what is recorded is what was typed, as one entry; two people
// do not write over each other; nobody approves their own proposal.

import { accessible } from './checks.js';
import { button, card, expectGood, field, ledgerSize, link, main, rowsOf, wrong } from './story.js';
import { expect, signInAs, test } from './server.js';

test.use({ changes: true });

const RISK = {
  'What could happen': 'A supplier of hosting ends the contract at short notice',
  Category: 'continuity',
  Owner: 'Head of Platform',
  'Reviewed on': '2026-05-20',
};

/** Presses a button of a form, and answers with the status of what came. */
async function press(page, name) {
  const answered = page.waitForResponse(it => it.request().method() === 'POST');
  await button(page, name).click();
  return (await answered).status();
}

/** Someone else, in a browser of their own. */
async function someoneElse(browser, server, role) {
  const context = await browser.newContext({ baseURL: server.address });
  const page = await context.newPage();
  await signInAs(page, role);
  return page;
}

test.describe('a risk', () => {
  test('is added, previewed, changed and removed', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    await page.goto('/risks');
    const before = await ledgerSize(page);
    const risks = await rowsOf(page, 'Treatment').count();
    await link(page, 'Add a risk').click();
    const id = await field(page, 'Id').inputValue();
    expect(id).toMatch(/^R-\d+$/);
    for (const [name, text] of Object.entries(RISK)) await field(page, name).fill(text);
    await field(page, 'Likelihood before treatment').selectOption('2');
    await field(page, 'Impact before treatment').selectOption('4');
    await field(page, 'Likelihood after treatment').selectOption('1');
    await field(page, 'Impact after treatment').selectOption('4');
    // A box is as wide as a box, so that its words stand beside it.
    const box = await field(page, 'A scenario of fraud or misuse').boundingBox();
    expect(box.width).toBeLessThan(30);
    const controls = main(page).getByRole('group', { name: 'Controls that reduce it' });
    await controls.getByRole('searchbox').fill('TM-088');
    await controls.getByRole('checkbox', { name: /^TM-088 / }).check();

    expect(await press(page, 'What would change')).toBe(200);
    await expect(card(page, 'What would change')).toContainText(`new: risk ${id}`);
    await expect(main(page).locator('.diff ins').first()).toBeVisible();
    await expect(field(page, 'What could happen')).toHaveValue(RISK['What could happen']);
    await expect(main(page).getByRole('checkbox', { name: /^TM-088 / })).toBeChecked();
    await expectGood(page, 'a risk before it is recorded');
    expect(await ledgerSize(page)).toBe(before);

    await button(page, 'Record').click();
    await expect(page).toHaveURL(new RegExp(`/risks/${id}$`));
    await expect(main(page)).toContainText(RISK['What could happen']);
    await expect(main(page)).toContainText('TM-088');
    await expect(main(page)).toContainText('8 Medium');
    expect(await ledgerSize(page)).toBe(before + 1);

    await link(page, 'Edit').click();
    await field(page, 'Impact before treatment').selectOption('5');
    await button(page, 'What would change').click();
    await expect(card(page, 'What would change')).toContainText(`changed: risk ${id} (impact)`);
    await button(page, 'Record').click();
    await expect(page).toHaveURL(new RegExp(`/risks/${id}$`));
    await expect(main(page)).toContainText('10 Medium');
    expect(await ledgerSize(page)).toBe(before + 2);

    await link(page, 'Edit').click();
    await button(page, 'Remove').click();
    await expect(page).toHaveURL(/\/risks$/);
    await expect(rowsOf(page, 'Treatment')).toHaveCount(risks);
    expect((await page.goto(`/risks/${id}`)).status()).toBe(404);
    expect(await ledgerSize(page)).toBe(before + 3);
  });

  test('that someone else changed meanwhile is not written over', async ({ page, browser, server }) => {
    await signInAs(page, 'compliance_manager');
    const other = await someoneElse(browser, server, 'owner');
    for (const it of [page, other]) await it.goto('/records/risk?id=R-01');
    await field(other, 'Category').fill('retention');
    await button(other, 'Record').click();
    await expect(other).toHaveURL(/\/risks\/R-01$/);
    const before = await ledgerSize(page);

    await field(page, 'Category').fill('access');
    expect(await press(page, 'Record')).toBeGreaterThanOrEqual(400);
    await expect(wrong(page)).toContainText('R-01 was changed by someone else meanwhile');
    await expect(field(page, 'Category')).toHaveValue('access');
    await expectGood(page, 'a conflict');
    expect(await ledgerSize(page)).toBe(before);
    await other.reload();
    await expect(main(other)).toContainText('Retention');
    await other.context().close();
  });

  test('that cannot be is refused, and what was typed stays', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    await page.goto('/records/risk');
    for (const [name, text] of Object.entries(RISK)) await field(page, name).fill(text);
    await field(page, 'Id').fill('R-01');
    expect(await press(page, 'Record')).toBeGreaterThanOrEqual(400);
    await expect(wrong(page)).toContainText('there is a R-01 already');
    await expect(field(page, 'What could happen')).toHaveValue(RISK['What could happen']);
  });
});

test('a section of the description is edited with a preview', async ({ page }) => {
  await signInAs(page, 'owner');
  await page.goto('/description/03-infrastructure');
  await link(page, 'Edit').click();
  const text = field(page, 'Text');
  const typed = `${await text.inputValue()}\nThe system is the **most secure** there is.\n`;
  await text.fill(typed);
  await button(page, 'What would change').click();
  await expect(main(page).locator('.diff ins')).toHaveCount(2);
  await expect(card(page, 'How it reads').locator('strong').filter({ hasText: 'most secure' })).toBeVisible();
  await expect(main(page).locator('.note.warn')).toContainText('03-infrastructure.md');
  await expectGood(page, 'a section before it is recorded');
  await button(page, 'Record').click();
  await expect(page).toHaveURL(/\/description\/03-infrastructure$/);
  await expect(card(page, 'Text').locator('strong').filter({ hasText: 'most secure' })).toBeVisible();
});

test.describe('what people keep for themselves:', () => {
  test('a view of the controls', async ({ page, browser, server }) => {
    await signInAs(page, 'read_only');
    await page.goto('/controls?standing=deviates&sort=-id');
    const rows = await rowsOf(page, 'Standing').count();
    const views = main(page).locator('details.views');
    await views.locator('summary').click();
    await views.getByLabel('Name of the view').fill('What deviates');
    await views.getByRole('button', { name: 'Save view' }).click();
    await expect(page).toHaveURL(/standing=deviates/);

    await page.goto('/controls');
    expect(await rowsOf(page, 'Standing').count()).toBeGreaterThan(rows);
    await views.locator('summary').click();
    expect(await accessible(page)).toEqual([]);
    await views.getByRole('link', { name: 'What deviates' }).click();
    await expect(page).toHaveURL(/standing=deviates.*sort=-id/);
    await expect(rowsOf(page, 'Standing')).toHaveCount(rows);

    const other = await someoneElse(browser, server, 'owner');
    await other.goto('/controls');
    await expect(main(other)).not.toContainText('What deviates');
    await other.context().close();

    await views.locator('summary').click();
    await views.getByRole('button', { name: 'Remove What deviates' }).click();
    await expect(main(page)).not.toContainText('What deviates');
  });

  test('the time zone', async ({ page, browser, server }) => {
    await signInAs(page, 'read_only');
    const other = await someoneElse(browser, server, 'owner');
    const time = it => main(it).locator('dl.props > div').filter({ hasText: 'Recorded' }).locator('dd').textContent();
    for (const it of [page, other]) await it.goto('/ledger/10');
    const before = await time(page);
    expect(await time(other)).toBe(before);

    await page.goto('/account/preferences');
    await field(page, 'Time zone').selectOption('Pacific/Kiritimati');
    await button(page, 'Save').click();
    await expect(field(page, 'Time zone')).toHaveValue('Pacific/Kiritimati');
    await page.goto('/ledger/10');
    expect(await time(page)).not.toBe(before);
    await other.reload();
    expect(await time(other)).toBe(before);

    await page.goto('/account/preferences');
    await field(page, 'Time zone').selectOption('');
    await button(page, 'Save').click();
    await page.goto('/ledger/10');
    expect(await time(page)).toBe(before);
    await other.context().close();
  });
});

test.describe('a policy', () => {
  test('is proposed by one person, approved by another and acknowledged', async ({ page, browser, server }) => {
    await signInAs(page, 'compliance_manager');
    await page.goto('/policies/access-control');
    await link(page, 'Propose a change').click();
    const text = main(page).getByLabel('The file');
    const changed = (await text.inputValue())
      .replace('version = "7"', 'version = "8"')
      .replace('at least 14 characters', 'at least 16 characters');
    await text.fill(changed);
    await button(page, 'Preview').click();
    await expect(card(page, 'What changes').locator('ins').filter({ hasText: '16 characters' })).toBeVisible();
    await expect(card(page, 'How it reads')).toContainText('at least 16 characters');
    await expect(text).toHaveValue(changed);
    await expectGood(page, 'a policy before it is proposed');
    await button(page, 'Propose').click();
    await expect(page).toHaveURL(/\/policies\/access-control$/);
    await expect(main(page)).toContainText('You proposed it, so someone else approves it.');
    await expect(button(page, 'Approve')).toHaveCount(0);
    await expect(card(page, 'Text of the policy')).toContainText('at least 14 characters');

    const other = await someoneElse(browser, server, 'owner');
    await other.goto('/policies/access-control');
    await expect(card(other, 'Proposed text')).toContainText('Idris Faulkmore');
    await expectGood(other, 'a proposed policy');
    await button(other, 'Approve').click();
    await expect(card(other, 'Text of the policy')).toContainText('at least 16 characters');
    await expect(card(other, 'Proposed text')).toHaveCount(0);
    // It bears the day it was approved on, not the one that was typed.
    await expect(main(other).getByText('18 Sep 2025')).toHaveCount(0);
    await other.goto('/ledger?kind=program.draft_approved%2F1');
    await expect(rowsOf(other, 'Actor').first()).toContainText('approved a proposed text');
    await expect(rowsOf(other, 'Actor').first()).toContainText('Marisol Quintrell');
    await other.context().close();

    const employee = await someoneElse(browser, server, 'employee');
    await employee.goto('/policies/access-control');
    await expect(main(employee)).toContainText('Version 8');
    await button(employee, 'I acknowledge it').click();
    await expect(main(employee)).toContainText('You acknowledged this text on');
    await employee.context().close();
    await page.reload();
    await page.getByText('1 account acknowledged this text').click();
    await expect(main(page)).toContainText('Jonah Pellinore');
  });

  test('is handed out as PDF', async ({ page }) => {
    await signInAs(page, 'employee');
    await page.goto('/policies/access-control');
    const download = page.waitForEvent('download');
    await link(page, 'PDF').click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^access-control-7.*\.pdf$/);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    expect(bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(bytes.subarray(-8).toString('latin1')).toContain('%%EOF');
  });
});
