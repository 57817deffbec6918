// What stories share: the parts of a page by the names people see, a look at a
// page from every side, and files to hand in.
//
// What must hold: a part is found by its role and name, as someone who hears the
// page would find it; a file made here is one that other programs open, too.

import { accessible, fitsWidth, outline } from './checks.js';
import { slug } from './pages.js';
import { expect } from './server.js';

export const main = page => page.getByRole('main');
export const button = (page, name) => main(page).getByRole('button', { name, exact: true });
export const link = (page, name) => main(page).getByRole('link', { name, exact: true });
export const field = (page, name) => main(page).getByLabel(name, { exact: true });
export const navigation = page => page.getByRole('navigation', { name: 'Main' });
/** A note that something is wrong. */
export const wrong = page => main(page).locator('.note.bad');

/** A card of the page, by its heading. */
export function card(page, title) {
  const heading = page.getByRole('heading', { name: title, exact: true });
  return main(page).locator('section.card').filter({ has: heading });
}

/** The rows of the only table with this column. */
export function rowsOf(page, column) {
  const heading = page.getByRole('columnheader', { name: column });
  return page.getByRole('table').filter({ has: heading }).locator('tbody').getByRole('row');
}

/** Follows a link of the navigation by its title; a number may stand after it. */
export async function follow(page, title) {
  await navigation(page).getByRole('link', { name: new RegExp(`^${title}\\b`) }).click();
  await expect(navigation(page).locator('[aria-current="page"]')).toContainText(title);
}

/**
 * The page is whole and accessible, in light, in dark and on a narrow screen. A
 * picture of it is left in `artefacts/screens/`.
 */
export async function expectGood(page, name) {
  const findings = await outline(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    findings.push(...(await accessible(page)));
    const picture = `artefacts/screens/story-${slug(name)}-${colorScheme}.png`;
    await page.screenshot({ path: new URL(picture, import.meta.url).pathname, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 375, height: 812 });
  findings.push(...(await fitsWidth(page)));
  await page.setViewportSize(size);
  expect(findings, name).toEqual([]);
}

/** What people may send from a page that shows the past, or who only read. */
const HARMLESS = [
  /^\/sign-out$/,
  // Reads all of the ledger, and records nothing.
  /^\/ledger\/verify$/,
  // What people keep for themselves.
  /^\/views(\/|$)/,
  /^\/account\//,
];

/** Where the page could send something that changes the company's records. */
export async function changesOffered(page, harmless = []) {
  const targets = await page.locator('form[method="post" i], [hx-post], [hx-put], [hx-patch], [hx-delete]').evaluateAll(all =>
    all.map(it => (it.localName === 'form' ? new URL(it.action).pathname : it.outerHTML.slice(0, 200))),
  );
  return targets.filter(it => ![...HARMLESS, ...harmless].some(known => known.test(it)));
}

/** Waits for a job to end well, and goes to what came of it. */
export async function jobDone(page, summary) {
  await expect(page).toHaveURL(/\/jobs\/\d+$/);
  await expect(main(page).locator('.note.ok')).toContainText(summary, { timeout: 20_000 });
  await link(page, 'Show').click();
}

/** How many entries the ledger has. */
export async function ledgerSize(page) {
  const answer = await page.request.get('/ledger?format=csv');
  return (await answer.text()).trim().split('\n').length - 1;
}

/** A PDF of one page that says something. */
export function pdfSaying(text) {
  const drawn = `BT /F1 14 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.7\n';
  const places = objects.map((object, at) => {
    const place = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map(place => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const end = `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + end, 'latin1');
}
