// What holds for every page, as functions that answer with what they found.
//
// What must hold: each finds what it is for (`checks.spec.js` shows them pages
// that are wrong); each answers with all it found, so that one run tells all.

import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';

/** The rules of WCAG 2.2, level AA, that can be checked by a program. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/**
 * Listens, from now on, for what goes wrong in a page that is otherwise shown:
 * errors of scripts, breaches of its content security policy, requests that
 * fail, and requests to any other host.
 */
export async function watch(page, address) {
  // What the page before still asked for, and is called off, is not counted.
  await page.goto('about:blank');
  const findings = [];
  page.on('console', message => {
    if (message.type() === 'error') findings.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => findings.push(`script: ${error.message}`));
  page.on('requestfailed', request => {
    findings.push(`no answer: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on('response', response => {
    if (response.status() >= 400) findings.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on('request', request => {
    const { origin, protocol } = new URL(request.url());
    const is_remote = !['data:', 'blob:', 'about:'].includes(protocol);
    if (is_remote && origin !== address) findings.push(`another host: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error(`policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
    });
  });
  return findings;
}

/** Opens a page and waits until it is whole; a redirect is a finding. */
export async function open(page, path) {
  const response = await page.goto(path);
  await page.evaluate(() => document.fonts.ready.then(() => null));
  await expect(page.locator('.htmx-request')).toHaveCount(0);
  const { pathname, search } = new URL(page.url());
  const findings = [];
  if (response.status() !== 200) findings.push(`answered ${response.status()}`);
  if (pathname + search !== path) findings.push(`led to ${pathname}${search}`);
  return findings;
}

/** One heading of the first level, and a title. */
export async function outline(page) {
  const findings = [];
  const headings = await page.getByRole('heading', { level: 1 }).allTextContents();
  if (headings.length !== 1) findings.push(`${headings.length} h1: ${headings.join(' | ')}`);
  if (headings.some(text => text.trim() === '')) findings.push('the h1 is empty');
  if ((await page.title()).trim() === '') findings.push('the title is empty');
  return findings;
}

/** The page is not wider than the window; names what sticks out. */
export async function fitsWidth(page) {
  const { width } = page.viewportSize();
  const [page_width, wide] = await page.evaluate(width => {
    const holds = element => {
      for (let it = element.parentElement; it && it !== document.body; it = it.parentElement) {
        if (getComputedStyle(it).overflowX !== 'visible') return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')]
      .filter(it => it.getBoundingClientRect().right > width + 0.5 && !holds(it))
      .map(it => `${it.localName}${it.id && `#${it.id}`}.${[...it.classList].join('.')}`);
    return [document.scrollingElement.scrollWidth, wide.slice(0, 5)];
  }, width);
  return page_width > width ? [`${page_width} px wide in a window of ${width} px: ${wide.join(', ')}`] : [];
}

/** What axe finds, rule by rule, with the elements. */
export async function accessible(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.map(rule => {
    const nodes = rule.nodes.slice(0, 5).map(node => {
      const why = [...node.any, ...node.all, ...node.none].map(it => it.message).join('; ');
      return `\n    ${node.target.join(' ')}: ${why}`;
    });
    const more = rule.nodes.length > 5 ? `\n    and ${rule.nodes.length - 5} more` : '';
    return `axe ${rule.id}: ${rule.help}${nodes.join('')}${more}`;
  });
}

/** The first Tab reaches a visible link over the navigation, and it leads there. */
export async function skipsNavigation(page) {
  await page.keyboard.press('Tab');
  const [target, is_seen] = await page.evaluate(() => {
    const it = document.activeElement;
    const box = it.getBoundingClientRect();
    const is_seen = box.width > 1 && box.height > 1 && box.top >= 0 && box.left >= 0;
    return [it.localName === 'a' ? it.getAttribute('href') : `<${it.localName}>`, is_seen];
  });
  if (!target?.startsWith('#')) return [`the first Tab reaches ${target}, not a link to the content`];
  if (!is_seen) return ['the link to the content is not seen when it has the focus'];
  await page.keyboard.press('Enter');
  const is_main = await page.evaluate(target => document.querySelector(target)?.matches('main, main *'), target);
  return is_main ? [] : [`the link to the content leads to ${target}, which is not the content`];
}
