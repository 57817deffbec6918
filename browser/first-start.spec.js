// The first start: from a workspace in which nothing was recorded to a picture
// of readiness that tells the truth, in a browser alone.
//
// What must hold: nothing is claimed that was not shown: each figure of the
// dashboard is what the files handed in allow, and no more. How long it took is
// noted at the test.

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { button, card, expectGood, field, jobDone, link, main, navigation, wrong } from './story.js';
import { test as base, expect, Server } from './server.js';

const OWNER = { name: 'Ada Owner', email: 'ada@acme.example', password: 'verdant kestrel ottoman plinth' };

/** Makes a workspace as `tickmark init` does, with or without its program. */
async function startOver(has_program) {
  const folder = await mkdtemp(join(tmpdir(), 'tickmark-start-'));
  const workspace = join(folder, 'acme');
  const here = ['--workspace', workspace, '--keys', join(folder, 'keys')];
  const words = ['init', ...here, '--id', 'acme', '--name', 'Acme', '--period', '2026-01-01..2026-12-31', '--time-zone', 'UTC'];
  try {
    await promisify(execFile)(process.env.TICKMARK, words, { timeout: 30_000 });
    const files = (await readdir(workspace)).filter(name => name !== '.tickmark');
    if (!has_program) await Promise.all(files.map(name => rm(join(workspace, name), { recursive: true })));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return Server.over(folder, ['serve', ...here, '--listen', '127.0.0.1:0']);
}

const test = base.extend({
  /** Whether the workspace's folder holds the program that `init` wrote. */
  has_program: [false, { option: true }],

  server: async ({ has_program }, use) => {
    const server = await startOver(has_program);
    await use(server);
    await server.stop();
  },
});

/** Uses the link that the first start prints. */
async function comeIn(page, server) {
  const find = () => server.lines.map(line => /http\S+\/invitation\/\S+/.exec(line)?.[0]).find(Boolean);
  await expect.poll(find).toBeTruthy();
  await page.goto(find());
  await field(page, 'Name').fill(OWNER.name);
  await field(page, 'E-mail address').fill(OWNER.email);
  await field(page, 'Password').fill(OWNER.password);
  await button(page, 'Go on').click();
  await expect(page.locator('#side')).toContainText(OWNER.name);
}

/** Fills the form that makes a program; where the company sits is left for later. */
async function describeCompany(page) {
  await field(page, 'Legal name').fill('Acme Cloud, Inc.');
  await field(page, 'People').fill('3');
  await field(page, 'Time zone').fill('Europe/Berlin');
  await field(page, 'Name of the system').fill('Acme Cloud');
  await field(page, 'The period begins').fill('2026-01-01');
  await field(page, 'The period ends').fill('2026-12-31');
  await field(page, 'Services it provides').fill('Hosting of ledgers\nSupport');
  await main(page).getByRole('checkbox', { name: 'Availability' }).check();
}

/** What stands in a step of the list of first steps. */
const step = (page, name) => main(page).getByRole('listitem').filter({ hasText: name });

/** Imports an export whose columns are called as the dataset's. */
async function importExport(page, dataset, csv, rows) {
  const form = card(page, 'A population');
  await expect(form.getByLabel('What its rows are')).toHaveValue(dataset);
  await form.getByLabel('Export').setInputFiles({ name: `${dataset}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await form.getByRole('button', { name: 'Look at it' }).click();
  await field(page, 'System of record').fill('Personnel system');
  await field(page, 'What the source was asked, word for word').fill('Everyone');
  await button(page, 'Show what would be imported').click();
  await expect(main(page)).toContainText(`${rows} rows, none of them bad.`);
  await button(page, 'Import').click();
  await jobDone(page, `${rows} rows imported`);
  await expect(page).toHaveURL(new RegExp(`/populations/${dataset}$`));
}

const PEOPLE = `person_id,full_name,email,employment_type,status,start_date,end_date,background_check_status,background_check_completed_on
P1,Ada Owner,ada@acme.example,employee,active,2024-02-01,,clear,2024-01-15
P2,Mo Vane,mo@acme.example,employee,active,2026-02-02,,clear,2026-01-20
P3,Bo Lind,bo@acme.example,employee,left,2025-03-03,2026-03-13,clear,2025-02-20
`;
const LEAVERS = `person_id,full_name,employment_type,last_day
P3,Bo Lind,employee,2026-03-13
P4,Cy Moss,contractor,2026-02-27
`;

/** A figure of the dashboard. */
const figure = (page, name) => main(page).locator('a.kpi').filter({ hasText: name });

test('from nothing to a truthful picture', async ({ page, server }) => {
  const started = Date.now();
  await comeIn(page, server);
  await expect(main(page)).toContainText('No program was recorded yet');
  await expectGood(page, 'first start, nothing yet');
  await page.goto('/risks');
  await expect(main(page)).toContainText('No program was recorded yet');
  await link(page, 'Set up the program').click();
  await expectGood(page, 'first start, the form');

  // What is missing is told, and what was typed stays.
  await describeCompany(page);
  await field(page, 'Time zone').fill('Bonn');
  await button(page, 'Record the program').click();
  await expect(wrong(page)).toContainText('Bonn is no time zone');
  await expect(field(page, 'Legal name')).toHaveValue('Acme Cloud, Inc.');
  await expect(main(page).getByRole('checkbox', { name: 'Availability' })).toBeChecked();
  await field(page, 'Time zone').fill('Europe/Berlin');

  // Out of the controls offered, one is not operated.
  const offered = await main(page).locator('input[name="control"]').count();
  await main(page).locator('details').filter({ hasText: 'TM-037 ' }).locator('summary').click();
  await main(page).getByRole('checkbox', { name: /^TM-037 / }).uncheck();
  await button(page, 'Record the program').click();
  await expect(page).toHaveURL(/\/welcome\/next$/);
  await expectGood(page, 'first steps');
  await expect(step(page, 'Record the program')).toContainText('Done');
  await expect(step(page, 'Import the people')).toContainText('To do');
  expect((await page.goto('/controls/TM-037')).status()).toBe(404);
  await page.goto('/controls?format=');
  const kept = Number((await main(page).locator('.filters .count').textContent()).split(' ')[0]);
  expect(kept).toBeGreaterThan(50);
  expect(kept).toBeLessThan(offered);

  // Before anything is handed in, nothing is evidenced.
  await page.goto('/');
  await expect(figure(page, 'Criteria evidenced').locator('.value')).toHaveText(/^0 \//);
  await expect(figure(page, 'Populations shown complete').locator('.value')).toHaveText('0 / 0');
  await expectGood(page, 'first dashboard');

  await page.goto('/welcome/next');
  await step(page, 'Import the people').getByRole('link').click();
  await importExport(page, 'people', PEOPLE, 3);
  await page.goto('/evidence/upload?dataset=leavers');
  await importExport(page, 'leavers', LEAVERS, 2);
  await expect(main(page)).toContainText('No reconciliation covers it');

  await page.goto('/tests');
  await button(page, 'Run all tests').click();
  await jobDone(page, /tests over .* items/);

  // What was not handed in is not tested, and is not called fine.
  await page.goto('/tests/access-removed-on-leaving');
  await expect(main(page)).toContainText('Not tested');
  await page.goto('/tests/background-check-before-start');
  await expect(main(page).locator('.page-head')).toContainText('No deviations');
  await page.goto('/welcome/next');
  for (const done of ['Record the program', 'Import the people', 'Run the control tests']) {
    await expect(step(page, done)).toContainText('Done');
  }
  for (const open of ['Import the accounts', 'Import the other populations', 'Hand in the first document', 'Write what only you know', 'Describe the system']) {
    await expect(step(page, open)).toContainText('To do');
  }

  await link(page, 'Dashboard').click();
  await expect(navigation(page).locator('[aria-current="page"]')).toContainText('Dashboard');
  await expect(figure(page, 'Criteria evidenced').locator('.value')).toHaveText(/^0 \//);
  await expect(figure(page, 'Populations shown complete').locator('.value')).toHaveText('0 / 2');
  await expect(figure(page, 'Populations shown complete')).toContainText('2 not reconciled');
  await expect(main(page)).toContainText('have no evidence');
  await expect(card(page, 'Activity').locator('.avatar').first()).toHaveText('AO');
  await expectGood(page, 'first readiness');
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  test.info().annotations.push({ type: 'first start', description: `${seconds} s from the link to the picture` });
});

test.describe('over what `tickmark init` made', () => {
  test.use({ has_program: true });

  test('the program that lies in the folder is recorded as it is', async ({ page, server }) => {
    await comeIn(page, server);
    await link(page, 'Set up the program').click();
    await expectGood(page, 'first start, a program in the folder');
    await button(page, 'Record the program in the folder').click();
    await expect(page).toHaveURL(/\/welcome\/next$/);
    await expect(step(page, 'Record the program')).toContainText('Done');
    await expect(step(page, 'Write what only you know')).toContainText('To do');
    await page.goto('/controls');
    await expect(navigation(page).getByRole('link', { name: /^Controls/ })).toContainText(/\d\d/);
  });
});
