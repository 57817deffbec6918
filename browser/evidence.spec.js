// Evidence comes in: a document as it is, an export as a population.
//
// What must hold: what is shown afterwards is what was handed in, under the
// digest that the test computes itself; what is refused changes nothing and
// says why.

import { createHash } from 'node:crypto';

import { button, card, changesOffered, expectGood, field, jobDone, ledgerSize, link, main, pdfSaying, rowsOf, wrong } from './story.js';
import { expect, signInAs, test } from './server.js';

test.use({ changes: true });

const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

/** Fills the form of a document in. */
async function handIn(page, file, title) {
  await field(page, 'File').setInputFiles(file);
  await field(page, 'What it shows').fill(title);
  await field(page, 'The date it bears').fill('2026-03-31');
  await button(page, 'Take it in').click();
}

test.describe('the control owner', () => {
  const pdf = pdfSaying('Restore test of 31 March 2026');
  const document = { name: 'restore-test.pdf', mimeType: 'application/pdf', buffer: pdf };
  const title = 'Restore test of March';

  test('hands in a document for a control of their own', async ({ page }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/controls');
    await page.getByRole('combobox', { name: 'Any owner' }).selectOption('Head of Platform');
    await expect(page).toHaveURL(/owner=Head/);
    await rowsOf(page, 'Standing').first().getByRole('link').first().click();
    await expect(main(page)).toContainText('Head of Platform');
    const id = new URL(page.url()).pathname.split('/').at(-1);
    const before = await ledgerSize(page);

    await link(page, 'Add evidence').click();
    await expectGood(page, 'add evidence');
    await handIn(page, document, title);
    await expect(page).toHaveURL(new RegExp(`/controls/${id}/evidence$`));
    // The file that lists the documents, and the document.
    expect(await ledgerSize(page)).toBe(before + 2);
    const row = card(page, 'Documents').getByRole('listitem').filter({ hasText: title });
    await expect(row).toContainText('restore-test.pdf');
    await row.getByRole('link').click();

    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expect(main(page)).toContainText(sha256(pdf));
    await expect(main(page).getByRole('link', { name: id, exact: true })).toBeVisible();
    const download = page.waitForEvent('download');
    await link(page, 'Download').click();
    const chunks = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(pdf));

    // It leads to its entry, which is proved.
    await main(page).getByRole('link', { name: /^Entry / }).click();
    await expect(main(page)).toContainText('took a document in');
    await expect(card(page, 'What it says')).toContainText(sha256(pdf));
    const index = Number(new URL(page.url()).pathname.split('/').at(-1));
    const proof = await (await page.request.get(`/ledger/${index}/proof`)).json();
    expect(proof).toMatchObject({ index, size: before + 2 });
    expect(proof.leaf).toContain(sha256(pdf));
  });

  test('is told that a PDF is a web page', async ({ page }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/controls/TM-037/upload');
    const before = await ledgerSize(page);
    const disguised = Buffer.from('<!DOCTYPE html><html><body><script>alert(1)</script></body></html>');
    const answered = page.waitForResponse(it => it.request().method() === 'POST');
    await handIn(page, { ...document, buffer: disguised }, title);
    expect((await answered).status()).toBe(422);
    await expect(wrong(page)).toContainText('restore-test.pdf');
    await expect(wrong(page)).toContainText(/not a PDF|HTML/);
    // What was typed stays; only the file is chosen anew.
    await expect(field(page, 'What it shows')).toHaveValue(title);
    await expect(field(page, 'The date it bears')).toHaveValue('2026-03-31');
    await expectGood(page, 'a PDF that is a web page');
    expect(await ledgerSize(page)).toBe(before);
  });

  test('does not take a document away from a control of someone else', async ({ page }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/evidence');
    // A document of controls that are others'.
    const rows = rowsOf(page, 'Dated').filter({ hasNotText: 'TM-037' });
    const path = await rows.first().locator('small').textContent();
    const shown = await rows.first().locator('a.tag').first().textContent();
    const before = await ledgerSize(page);
    await page.goto('/controls/TM-037/upload');
    const file = { name: path.replace('documents/', ''), mimeType: 'text/markdown', buffer: Buffer.from('# Something else\n') };
    await handIn(page, file, title);
    await expect(wrong(page)).toContainText(`${path} is a document already`);
    await expect(wrong(page)).toContainText(shown);
    expect(await ledgerSize(page)).toBe(before);
  });

  test('cannot hand in for a control of someone else', async ({ page }) => {
    await signInAs(page, 'control_owner');
    await page.goto('/controls/TM-048');
    await expect(main(page)).toContainText('Head of IT');
    await expect(link(page, 'Add evidence')).toHaveCount(0);
    await expect(link(page, 'Edit')).toHaveCount(0);
    // Running tests is theirs; nothing else is.
    expect(await changesOffered(page, [/^\/tests\/run$/])).toEqual([]);
    expect((await page.goto('/controls/TM-048/upload')).status()).toBe(403);
    await expect(main(page)).toContainText('your role does not allow this');
  });
});

test.describe('the compliance manager', () => {
  const HEADER = 'Worker,Full name,Kind,Last day,Returned\n';
  const FINE = 'W-1,Vane Ada,employee,2026-02-27,2026-02-28\n';
  const ALSO_FINE = 'W-2,Lind Bo,employee,2026-03-13,\n';

  /** Uploads an export of leavers, and says which column is what. */
  async function mapExport(page, rows) {
    await page.goto('/evidence/upload');
    const form = card(page, 'A population');
    const file = { name: 'subsidiary.csv', mimeType: 'text/csv', buffer: Buffer.from(HEADER + rows.join('')) };
    await form.getByLabel('Export').setInputFiles(file);
    await form.getByLabel('What its rows are').selectOption('leavers');
    await form.getByRole('button', { name: 'Look at it' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('subsidiary.csv as leavers');
    await field(page, 'Id of the source').fill('subsidiary-leavers');
    await field(page, 'System of record').fill('Payroll of the subsidiary');
    await field(page, 'The source was in this state on').fill('2026-06-30T18:00');
    await field(page, 'What the source was asked, word for word').fill('All who left, January to June 2026');
    const columns = {
      person_id: 'Worker', full_name: 'Full name', employment_type: 'Kind', last_day: 'Last day', assets_returned_on: 'Returned',
    };
    for (const [column, from] of Object.entries(columns)) {
      await field(page, `${column} is filled from`).selectOption(from);
    }
  }

  test('is shown every bad row, then imports the corrected export', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    const before = await ledgerSize(page);
    await mapExport(page, [FINE, 'W-2,Lind Bo,employee,31.02.2026,\n', ',Nameless,employee,2026-03-20,\n', 'W-4,Moss Cy,employee,soon,\n']);
    await expectGood(page, 'mapping an export');
    const first = card(page, 'The first rows as they are').getByRole('row');
    await expect(first).toHaveCount(5);
    await expect(first.nth(1)).toContainText('W-1');
    await button(page, 'Show what would be imported').click();

    const bad = wrong(page);
    await expect(bad).toHaveCount(3);
    for (const [place, text] of [[3, '31.02.2026'], [4, 'person_id'], [5, 'soon']]) {
      await expect(bad.filter({ hasText: `subsidiary.csv:${place}` })).toContainText(text);
    }
    await expectGood(page, 'bad rows of an export');
    expect(await ledgerSize(page)).toBe(before);

    // A mapping that is none is told where it is typed, and nothing is lost.
    const mapping = field(page, 'The mapping');
    const broken = (await mapping.inputValue()).replace('format = "csv"', 'format = "carrier pigeon"');
    await mapping.fill(broken);
    await button(page, 'Import').click();
    await expect(wrong(page).first()).toContainText('carrier pigeon');
    await expect(mapping).toHaveValue(broken);
    await expect(main(page)).toContainText('Nothing is recorded yet.');
    await button(page, 'Back to the columns').click();
    await expect(field(page, 'System of record')).toHaveValue('Payroll of the subsidiary');
    await expect(field(page, 'person_id is filled from')).toHaveValue('Worker');
    expect(await ledgerSize(page)).toBe(before);

    await mapExport(page, [FINE, ALSO_FINE]);
    await button(page, 'Show what would be imported').click();
    await expect(main(page)).toContainText('2 rows, none of them bad.');
    const rows = card(page, 'The first rows as they would be imported').getByRole('row');
    await expect(rows.filter({ hasText: 'W-2' })).toContainText('2026-03-13');
    await expectGood(page, 'an export that is fine');
    await button(page, 'Import').click();
    await jobDone(page, '2 rows imported');

    await expect(page).toHaveURL(/\/populations\/leavers$/);
    const snapshot = card(page, 'Snapshots').getByRole('listitem').filter({ hasText: 'subsidiary-leavers' });
    await expect(snapshot).toContainText('Payroll of the subsidiary · 2 rows');
    await snapshot.getByRole('link').click();
    await expect(card(page, 'Manifest')).toContainText('All who left, January to June 2026');
    await expect(main(page).getByRole('row').filter({ hasText: 'W-1' })).toContainText('Vane Ada');
    await page.goto('/ledger?q=subsidiary-leavers');
    await expect(rowsOf(page, 'Actor').first()).toContainText('imported subsidiary-leavers');
  });

  test('leaves bad rows out only with a reason, and the population says so', async ({ page }) => {
    await signInAs(page, 'compliance_manager');
    await mapExport(page, [FINE, 'W-4,Moss Cy,employee,soon,\n']);
    await button(page, 'Show what would be imported').click();
    await field(page, 'Leave bad rows out, with this reason').fill('The payroll has no last day for W-4.');
    await button(page, 'Import').click();
    await jobDone(page, '1 row imported');
    const snapshot = card(page, 'Snapshots').getByRole('listitem').filter({ hasText: 'subsidiary-leavers' });
    await expect(snapshot).toContainText('1 row · 1 rejected');
    await expect(main(page)).toContainText('Not complete');
  });
});
