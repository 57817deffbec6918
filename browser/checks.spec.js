// The checks of `checks.js` find what they are for: each is shown a page that
// is right and pages that are wrong. No server is needed; nothing leaves the
// browser.

import { expect, test } from '@playwright/test';

import { accessible, fitsWidth, open, outline, skipsNavigation, watch } from './checks.js';
import { slug } from './pages.js';

const HOST = 'http://pages.test';
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";
const STYLE = `
  .skip { position: absolute; left: -9999px }
  .skip:focus { left: 0; top: 0 }
  .skip.far:focus { top: -99px }
  .wide { width: 500px }
  .scroll { overflow-x: auto }
  .pale { color: #aaa }`;
const CUT = '/cut.svg';
const SKIP = '<a class="skip" href="#main">Skip to content</a>';
const GOOD = '<main id="main" tabindex="-1"><h1>Controls</h1><p>Text</p></main>';

test.use({ baseURL: HOST, viewport: { width: 375, height: 812 } });

/** Opens a page with this body; answers with the findings of its opening. */
async function show(page, body, { title = 'Controls', scripts = {}, status = 200 } = {}) {
  const files = {
    '/style.css': { contentType: 'text/css', body: STYLE },
    '/favicon.ico': { contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
  };
  for (const [name, text] of Object.entries(scripts)) {
    files[name] = { contentType: 'text/javascript', body: text };
  }
  const tags = Object.keys(scripts).map(name => `<script src="${name}" defer></script>`);
  files['/'] = {
    status,
    contentType: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': POLICY },
    body: `<!doctype html><html lang="en"><head><title>${title}</title>
      <meta name="viewport" content="width=device-width">
      <link rel="stylesheet" href="/style.css">${tags.join('')}</head><body>${body}</body></html>`,
  };
  await page.route('**', route => {
    const { origin, pathname } = new URL(route.request().url());
    if (pathname === CUT) return route.abort();
    const file = origin === HOST && files[pathname];
    return file ? route.fulfill(file) : route.fulfill({ status: 404 });
  });
  const watched = await watch(page, HOST);
  const opened = await open(page, '/');
  return [...opened, ...watched];
}

/** Every pattern is found, and nothing is when there is none. */
function check(findings, ...patterns) {
  for (const pattern of patterns) expect(findings.join('\n')).toMatch(pattern);
  if (patterns.length === 0) expect(findings).toEqual([]);
}

test('a page that is right has no findings, whatever looks at it', async ({ page }) => {
  check(await show(page, SKIP + GOOD));
  check(await outline(page));
  check(await fitsWidth(page));
  check(await accessible(page));
  check(await skipsNavigation(page));
});

test('looking at a page is no breach of its policy', async ({ page }) => {
  const watched = await watch(page, HOST);
  await show(page, SKIP + GOOD);
  await accessible(page);
  await page.screenshot({ fullPage: true });
  check(watched);
});

test('an error of a script is found', async ({ page }) => {
  const scripts = { '/a.js': 'console.error("first")', '/b.js': 'throw new Error("second")' };
  check(await show(page, GOOD, { scripts }), /console: first/, /script: second/);
});

test('a breach of the policy is found', async ({ page }) => {
  check(await show(page, `${GOOD}<script>1</script>`), /policy: script-src/);
  check(await show(page, `${GOOD}<p style="color:red">x</p>`), /policy: style-src/);
});

test('a request that fails is found', async ({ page }) => {
  check(await show(page, `${GOOD}<img alt="" src="/none.svg">`), /status 404: .*none\.svg/);
  check(await show(page, `${GOOD}<img alt="" src="${CUT}">`), /no answer: GET .*cut\.svg/);
});

test('a request to another host is found', async ({ page }) => {
  const body = `${GOOD}<img alt="" src="http://elsewhere.test/x.png">`;
  check(await show(page, body), /another host: http:\/\/elsewhere\.test\/x\.png|policy: img-src/);
});

test('an answer that is not the page is found', async ({ page }) => {
  check(await show(page, GOOD, { status: 500 }), /answered 500/);
  const scripts = { '/a.js': 'history.replaceState(null, "", "/elsewhere")' };
  check(await show(page, GOOD, { scripts }), /led to \/elsewhere/);
});

test('a wrong outline is found', async ({ page }) => {
  const outlineOf = async (body, options) => {
    await show(page, body, options);
    return outline(page);
  };
  check(await outlineOf('<main>x</main>'), /0 h1/);
  check(await outlineOf(`${GOOD}<h1>Two</h1>`), /2 h1: Controls \| Two/);
  check(await outlineOf('<main><h1> </h1></main>'), /h1 is empty/);
  check(await outlineOf(GOOD, { title: ' ' }), /title is empty/);
});

test('what is too wide is found, and what scrolls by itself is not', async ({ page }) => {
  await show(page, `${GOOD}<p class="wide">x</p>`);
  check(await fitsWidth(page), /px wide in a window of 375 px: p\.wide/);
  await show(page, `${GOOD}<div class="scroll" tabindex="0"><p class="wide">x</p></div>`);
  check(await fitsWidth(page));
});

test('what axe knows is found', async ({ page }) => {
  await show(page, `${GOOD}<img src="/favicon.ico">`);
  check(await accessible(page), /axe image-alt/);
  await show(page, `${GOOD}<p class="pale">Pale text</p>`);
  check(await accessible(page), /axe color-contrast: .*\n {4}\.pale: .*contrast/);
});

test('a way over the navigation that does not work is found', async ({ page }) => {
  const skippedIn = async body => {
    await show(page, body);
    return skipsNavigation(page);
  };
  check(await skippedIn(`<nav><a href="/tests">Tests</a></nav>${SKIP}${GOOD}`), /first Tab reaches \/tests/);
  check(await skippedIn(`<button>Menu</button>${SKIP}${GOOD}`), /first Tab reaches <button>/);
  check(await skippedIn(`${SKIP.replace('#main', '#none')}${GOOD}`), /leads to #none/);
  check(await skippedIn(`${SKIP.replace('"skip"', '"skip far"')}${GOOD}`), /not seen/);
});

test('a picture is named after its page', () => {
  const named = (path, expected) => expect(slug(path)).toBe(expected);
  named('/', 'start');
  named('/criteria/CC6.2', 'criteria-CC6.2');
  named('/search?q=access', 'search-q-access');
});
