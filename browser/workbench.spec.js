// The workbench: a control test is written as SQL, tried, and saved as files.
//
// What must hold: what was typed is still there after every answer; what comes
// out is counted over the whole population of the sample; a test whose fixtures
// do not come out is not saved.

import { readFileSync } from 'node:fs';

import { accessible } from './checks.js';
import { button, card, expectGood, field, jobDone, ledgerSize, link, main, rowsOf, wrong } from './story.js';
import { expect, signInAs, test } from './server.js';

test.use({ changes: true });

const KEY = JSON.parse(readFileSync(new URL('../sample/fernhollow/answer-key.json', import.meta.url), 'utf8'));
/** Its population is every leaver of the period. */
const LEAVERS = KEY.tests['access-removed-on-leaving'].tested;

const SQL = `SELECT
  person_id AS item,
  CASE WHEN assets_returned_on > last_day THEN 'deviation' ELSE 'operated' END AS status,
  CASE WHEN assets_returned_on > last_day THEN 'came back late' ELSE '' END AS reason,
  last_day AS occurred_at
FROM leavers
WHERE last_day BETWEEN $period_start AND $period_end
`;

const FILES = `== test.toml
id = "{id}"
version = 1
title = "Every leaver gave laptop and badge back in time"
controls = [{controls}]
kind = "event"
measures = "control"
population = "{population}"
reads = ["{population}"]
item = ["leaver", "leavers"]
nature = "inspection"
procedure = "Inspected the day on which each of the {population} leavers between {period_start} and {period_end} gave laptop and badge back to determine that it was no later than the last day of work."
deviation = "something came back late"
why = "What a leaver keeps can still be used."
remedy = "Collect it before the last day ends."
== fixtures/operates/fixture.toml
description = "Everything came back"
period = "2026-01-01..2026-03-31"
== fixtures/operates/leavers.csv
person_id,full_name,employment_type,last_day,assets_returned_on
E1,Ada Vane,employee,2026-02-27,2026-02-27
== fixtures/operates/expected.csv
item,status,reason
E1,operated,
== fixtures/deviates/fixture.toml
description = "It came back on Monday"
period = "2026-01-01..2026-03-31"
== fixtures/deviates/leavers.csv
person_id,full_name,employment_type,last_day,assets_returned_on
E2,Bo Lind,employee,2026-02-27,2026-03-02
== fixtures/deviates/expected.csv
item,status,reason
E2,deviation,came back late
`;

async function openWorkbench(page) {
  await signInAs(page, 'compliance_manager');
  await page.goto('/tests');
  await link(page, 'Workbench').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workbench');
}

/** A figure of what came out. */
const figure = (page, name) => card(page, 'What came out').locator('dl.figures > div').filter({ has: page.getByText(name, { exact: true }) }).locator('dd');

test('a test is written, run over the period and saved as files', async ({ page }) => {
  await openWorkbench(page);
  await main(page).locator('aside summary').filter({ has: page.getByText('leavers', { exact: true }) }).click();
  await link(page, 'Example rows').click();
  await expect(rowsOf(page, 'assets_returned_on').filter({ hasText: 'E1061' })).toContainText('Chaudhry');
  await page.goBack();

  const before = await ledgerSize(page);
  await field(page, 'SQL').fill(SQL);
  await button(page, 'Run over the period').click();
  await expect(figure(page, 'Population')).toHaveText(String(LEAVERS));
  const operated = Number(await figure(page, 'Operated').textContent());
  const deviating = Number(await figure(page, 'Deviate').textContent());
  expect(deviating).toBeGreaterThan(0);
  expect(operated + deviating).toBe(LEAVERS);
  await expect(rowsOf(page, 'Reason').filter({ hasText: 'came back late' })).toHaveCount(deviating);
  await expect(field(page, 'SQL')).toHaveValue(SQL);
  await expectGood(page, 'workbench with items');
  expect(await ledgerSize(page)).toBe(before);

  await page.getByText('Make the files of a test').click();
  await field(page, 'Id').fill('assets-returned');
  await field(page, 'Controls it tests').fill('TM-015');
  await field(page, 'Dataset of its items').selectOption('leavers');
  await field(page, 'test.toml and fixtures').fill(FILES);
  await button(page, 'Check and record').click();
  await expect(page).toHaveURL(/\/tests\/assets-returned$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Every leaver gave laptop and badge back in time');
  expect(await ledgerSize(page)).toBeGreaterThan(before);

  await button(page, 'Run').click();
  await jobDone(page, '1 test');
  await expect(page).toHaveURL(/\/tests\/assets-returned$/);
  const deviates = page.getByRole('cell', { name: 'Deviation', exact: true });
  await expect(rowsOf(page, 'Reason').filter({ has: deviates })).toHaveCount(deviating);
});

test('a test whose fixture does not come out is refused, and nothing typed is lost', async ({ page }) => {
  await openWorkbench(page);
  const before = await ledgerSize(page);
  await field(page, 'SQL').fill(SQL);
  await button(page, 'Run over the period').click();
  await page.getByText('Make the files of a test').click();
  await field(page, 'Id').fill('assets-returned');
  await field(page, 'Controls it tests').fill('TM-015');
  await field(page, 'Dataset of its items').selectOption('leavers');
  const files = FILES.replace('E2,deviation,came back late', 'E2,operated,');
  await field(page, 'test.toml and fixtures').fill(files);
  await button(page, 'Check and record').click();
  await expect(wrong(page)).toContainText('fixture deviates');
  expect(await ledgerSize(page)).toBe(before);
  await expect(field(page, 'SQL')).toHaveValue(SQL);
  await expect(field(page, 'test.toml and fixtures')).toHaveValue(files);
});

test('names of tables and columns are completed with the keyboard', async ({ page }) => {
  await openWorkbench(page);
  const sql = field(page, 'SQL');
  await sql.fill('SELECT person_id AS item FROM leave');
  await sql.press('Control+ ');
  const list = page.getByRole('listbox');
  await expect(list).toBeVisible();
  await expect(list.getByText('leavers', { exact: true })).toBeFocused();
  expect(await accessible(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(list).toHaveCount(0);
  await expect(sql).toBeFocused();
  await expect(sql).toHaveValue('SELECT person_id AS item FROM leavers');
  // Escape leaves what was typed.
  await sql.press('End');
  await sql.pressSequentially(' WHERE last');
  await sql.press('Control+ ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);
  await expect(sql).toBeFocused();
  await expect(sql).toHaveValue('SELECT person_id AS item FROM leavers WHERE last');
});

const MISTAKES = {
  'a column that is not there': ['SELECT person AS item FROM leavers', 'person'],
  'a table that is not there': ['SELECT 1 AS item FROM leaver', 'leaver'],
  'a sentence that is no SQL': ['SELEC person_id FROM leavers', 'SELEC'],
  'a statement that would change something': ['DELETE FROM leavers', 'DELETE'],
};
test('mistakes are told, and the SQL stays', async ({ page }) => {
  await openWorkbench(page);
  for (const [what, [sql, told]] of Object.entries(MISTAKES)) {
    await test.step(what, async () => {
      await field(page, 'SQL').fill(sql);
      await field(page, 'SQL').press('Control+Enter');
      await expect(wrong(page).first()).toContainText(told);
      await expect(field(page, 'SQL')).toHaveValue(sql);
      await expect(card(page, 'What came out')).toHaveCount(0);
    });
  }
  await expectGood(page, 'a mistake in SQL');
});
