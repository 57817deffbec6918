// How people come in, and what they do with their own access: stories over a
// workspace that nobody has been in yet.
//
// What must hold: each story has a server of its own, as after `tickmark init`;
// every page of it is accessible in light and in dark. The server is reached as
// `localhost`, since passkeys need a host name.

import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { accessible, fitsWidth, outline, watch } from './checks.js';
import { CLIENT, signInThere, startProvider } from './oidc.js';
import { slug } from './pages.js';
import { test as base, expect, Server } from './server.js';

const OWNER = { name: 'Ada Owner', email: 'ada@acme.example', password: 'verdant kestrel ottoman plinth' };
const MANAGER = { name: 'Mo Manager', email: 'mo@acme.example', password: 'saffron lantern quarry mitten' };

/** A port nobody listens on. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A server over a workspace that was just made, and a firm's beside it. */
async function startFresh(settings, has_firm) {
  const folder = await mkdtemp(join(tmpdir(), 'tickmark-access-'));
  const keys = ['--keys', join(folder, 'keys')];
  const here = ['--workspace', join(folder, 'acme'), ...keys];
  const firm = join(folder, 'auditors');
  const init = words => promisify(execFile)(process.env.TICKMARK, ['init', ...words], { timeout: 30_000 });
  try {
    await init([...here, '--id', 'acme', '--name', 'Acme', '--period', '2026-01-01..2026-12-31', '--time-zone', 'UTC']);
    if (has_firm) await init(['--firm', '--workspace', firm, ...keys, '--id', 'auditors', '--name', 'Auditors']);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const beside = has_firm ? ['--firm', firm] : [];
  return Server.over(folder, ['serve', ...here, ...beside, '--listen', `127.0.0.1:${port}`], {
    TICKMARK_SERVE_PUBLIC_URL: address,
    ...(await settings(address)),
  });
}

const test = base.extend({
  /** More settings of the server, made of its address. */
  settings: [{ of: () => ({}) }, { option: true }],

  /** Whether the server has a firm's realm too. */
  has_firm: [false, { option: true }],

  server: async ({ settings, has_firm }, use, testInfo) => {
    const server = await startFresh(settings.of, has_firm);
    await use(server);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server.log', { body: server.lines.join('\n'), contentType: 'text/plain' });
    }
    await server.stop();
  },

  /** A page of someone else, in a browser of their own. */
  other: async ({ browser, server }, use) => {
    const context = await browser.newContext({ baseURL: server.address });
    await use(await context.newPage());
    await context.close();
  },

  /** A page at which nothing breaks the content policy, and no script fails. */
  page: async ({ page, server }, use) => {
    const findings = await watch(page, server.address);
    await use(page);
    expect(findings.filter(it => /^script|^console: policy/.test(it))).toEqual([]);
  },
});

const main = page => page.getByRole('main');
const button = (page, name) => main(page).getByRole('button', { name });
const field = (page, name) => main(page).getByLabel(name, { exact: true });
/** A card of the page, by its heading. */
const card = (page, title) => main(page).locator('section.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

/**
 * The page is whole and accessible, in light, in dark and on a narrow screen. A
 * picture of it is left in `artefacts/screens/`.
 */
async function expectGood(page) {
  const findings = await outline(page);
  const name = slug(await page.getByRole('heading', { level: 1 }).first().textContent());
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    findings.push(...(await accessible(page)));
    const picture = `artefacts/screens/access-${slug(test.info().title).slice(0, 40)}-${name}-${colorScheme}.png`;
    await page.screenshot({ path: new URL(picture, import.meta.url).pathname, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 375, height: 812 });
  findings.push(...(await fitsWidth(page)));
  await page.setViewportSize(size);
  expect(findings).toEqual([]);
}

/** The links that the first start prints: the company's, then the firm's. */
async function setUpLinks(server, count = 1) {
  const find = () => server.lines.map(line => /http\S+\/invitation\/\S+/.exec(line)?.[0]).filter(Boolean);
  await expect.poll(find).toHaveLength(count);
  return find();
}

/** Sets a workspace up and is its owner, or partner, from then on. */
async function setUp(page, server) {
  await useSetUpLink(page, (await setUpLinks(server))[0]);
}

async function useSetUpLink(page, link) {
  await page.goto(link);
  await field(page, 'Name').fill(OWNER.name);
  await field(page, 'E-mail address').fill(OWNER.email);
  await field(page, 'Password').fill(OWNER.password);
  await button(page, 'Go on').click();
  await expectIn(page, OWNER.name);
}

/** Someone is signed in, and it is this person. */
async function expectIn(page, name) {
  await page.waitForURL(url => !/^\/(sign-in|invitation)/.test(url.pathname));
  await expect(page.locator('#side')).toContainText(name);
}

const signOut = page => page.getByRole('button', { name: 'Sign out' }).click();

/** Types address and password. */
async function typePassword(page, { email, password }) {
  if (new URL(page.url()).pathname !== '/sign-in') await page.goto('/sign-in');
  await field(page, 'E-mail address').fill(email);
  await field(page, 'Password').fill(password);
  await button(page, 'Sign in').first().click();
}

/** Invites someone, and answers with the link to send. */
async function invite(page, { name, email }, role) {
  await page.goto('/settings');
  const form = card(page, 'Invite someone');
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Role', { exact: true }).selectOption({ label: role });
  await form.getByRole('button', { name: 'Invite' }).click();
  return page.locator('#invitation').textContent();
}

/** Accepts an invitation, or a link for a new password. */
async function accept(page, link, { name, password }) {
  await page.goto(link);
  await expect(main(page)).toContainText(name);
  await field(page, 'Password').fill(password);
  await button(page, 'Go on').click();
  await expectIn(page, name);
}

/** How often the ledger says that the owner changed how they sign in. */
async function recordedChanges(page) {
  await page.goto('/ledger');
  await expect(main(page).getByRole('row').nth(1)).toBeVisible();
  const rows = main(page).getByRole('row').filter({ hasText: 'changed how' });
  return rows.filter({ hasText: OWNER.name }).count();
}

/** What an authenticator app shows, so many steps of 30 seconds from now. */
function codeOf(secret, steps = 0) {
  const bits = [...secret].map(it => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(it).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map(it => parseInt(it, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Sets an authenticator app up; answers with its secret. */
async function enrol(page) {
  await page.goto('/account/security');
  await button(page, 'Set up an app').click();
  const secret = await page.locator('#secret').textContent();
  await field(page, 'Code').fill(codeOf(secret));
  await button(page, 'Confirm').click();
  await expect(card(page, 'Authenticator app')).toContainText('is set up');
  return secret;
}

async function typeCode(page, code) {
  await field(page, 'Code').fill(code);
  await button(page, 'Sign in').click();
}

test.describe('the first owner', () => {
  test('sets the workspace up with a link that works once', async ({ page, other, server }) => {
    const [link] = await setUpLinks(server);
    await page.goto(link);
    await expect(main(page)).toContainText('At least 12 characters');
    await expectGood(page);

    await field(page, 'Name').fill(OWNER.name);
    await field(page, 'E-mail address').fill(OWNER.email);
    await field(page, 'Password').fill('password1234');
    await button(page, 'Go on').click();
    await expect(main(page)).toContainText('the password is too easy to guess');
    await expect(field(page, 'Name')).toHaveValue(OWNER.name);
    await expect(field(page, 'E-mail address')).toHaveValue(OWNER.email);
    await expect(field(page, 'Password')).toHaveValue('');
    await expectGood(page);

    await field(page, 'Password').fill(OWNER.password);
    await button(page, 'Go on').click();
    await expectIn(page, OWNER.name);
    await page.goto('/settings');
    await expect(card(page, 'People')).toContainText(OWNER.email);

    const answer = await other.goto(link);
    expect(answer.status()).toBe(422);
    await expect(main(other)).toContainText('the link is no longer valid');
  });
});

test.describe('someone who is invited', () => {
  test('comes in, signs in, and gets a new password when it is forgotten', async ({ page, other, server }) => {
    await setUp(page, server);
    const link = await invite(page, MANAGER, 'Compliance manager');
    await other.goto(link);
    await expectGood(other);
    await accept(other, link, MANAGER);
    await expect(other.locator('#side')).toContainText('Compliance manager');
    expect((await other.goto(link)).status()).toBe(422);
    expect((await other.goto('/settings')).status()).toBe(403);
    await other.goto('/account');
    await signOut(other);
    await typePassword(other, MANAGER);
    await expectIn(other, MANAGER.name);

    await page.goto('/settings');
    const row = card(page, 'People').getByRole('listitem').filter({ hasText: MANAGER.email });
    await expect(row).toContainText('Active');
    await row.getByRole('button', { name: 'New link' }).click();
    const reset = await page.locator('#invitation').textContent();
    const changed = { ...MANAGER, password: 'orchid tugboat lattice bramble' };
    await accept(other, reset, changed);
    await signOut(other);
    await typePassword(other, MANAGER);
    await expect(main(other)).toContainText('the e-mail address or the password is wrong');
    await typePassword(other, changed);
    await expectIn(other, MANAGER.name);
  });
});

test.describe('who guesses', () => {
  test('is locked out, and so is the right password until the time is over', async ({ page, server }) => {
    await setUp(page, server);
    await signOut(page);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await typePassword(page, { ...OWNER, password: `wrong ${attempt}` });
      await expect(main(page)).toContainText('the e-mail address or the password is wrong');
      await expect(field(page, 'E-mail address')).toHaveValue(OWNER.email);
      await expect(field(page, 'Password')).toHaveValue('');
    }
    await expectGood(page);
    const answered = page.waitForResponse(it => it.request().method() === 'POST');
    await typePassword(page, OWNER);
    const answer = await answered;
    expect(answer.status()).toBe(429);
    const wait_seconds = Number(answer.headers()['retry-after']);
    expect(wait_seconds).toBeGreaterThan(0);
    expect(wait_seconds).toBeLessThanOrEqual(60);
    await expect(main(page)).toContainText('too many attempts');
    await expect(main(page)).toContainText('wait 1 min');
    await expectGood(page);
    // An address that is nobody's is told the same as one that is wrong.
    await typePassword(page, { email: 'nobody@acme.example', password: OWNER.password });
    await expect(main(page)).toContainText('the e-mail address or the password is wrong');
  });
});

test.describe('a second factor', () => {
  test('of an authenticator app is asked for, and each code counts once', async ({ page, server }) => {
    await setUp(page, server);
    await page.goto('/account/security');
    await expectGood(page);
    await button(page, 'Set up an app').click();
    await expect(page.getByRole('img', { name: /QR code/ }).locator('svg')).toBeVisible();
    await expectGood(page);
    const secret = await page.locator('#secret').textContent();
    await field(page, 'Code').fill('000000');
    await button(page, 'Confirm').click();
    await expect(main(page)).toContainText('the code does not fit the secret');
    await expect(page.locator('#secret')).toHaveText(secret);
    await field(page, 'Code').fill(codeOf(secret));
    await button(page, 'Confirm').click();
    await expect(card(page, 'Authenticator app')).toContainText('is set up');
    await expectGood(page);

    await signOut(page);
    await typePassword(page, OWNER);
    await expect(main(page).getByRole('heading', { name: 'Second factor' })).toBeVisible();
    await expectGood(page);
    await typeCode(page, '000000');
    await expect(main(page)).toContainText('the code is wrong or was used already');
    // The code of the step in which the app was set up is used up.
    const code = codeOf(secret, 1);
    await typeCode(page, code);
    await expectIn(page, OWNER.name);
    await signOut(page);
    await typePassword(page, OWNER);
    await typeCode(page, code);
    await expect(main(page)).toContainText('the code is wrong or was used already');
    await page.goto('/account');
    await expect(page).toHaveURL(/\/sign-in/);
  });

  test('is stood in for by a recovery code, once', async ({ page, server }) => {
    await setUp(page, server);
    await page.goto('/account/security');
    await expect(card(page, 'Recovery codes').getByRole('button')).toHaveCount(0);
    await enrol(page);
    await button(page, 'Make recovery codes').click();
    await expectGood(page);
    const codes = (await page.locator('#codes').textContent()).trim().split('\n');
    expect(new Set(codes).size).toBe(10);
    await main(page).getByRole('link', { name: 'I have kept them' }).click();
    await expect(card(page, 'Recovery codes')).toContainText('10 left');
    await expect(main(page)).not.toContainText(codes[0]);

    await signOut(page);
    await typePassword(page, OWNER);
    await typeCode(page, codes[0].toUpperCase());
    await expectIn(page, OWNER.name);
    await page.goto('/account/security');
    await expect(card(page, 'Recovery codes')).toContainText('9 left');
    await signOut(page);
    await typePassword(page, OWNER);
    await typeCode(page, codes[0]);
    await expect(main(page)).toContainText('the code is wrong or was used already');
    await typeCode(page, codes[1]);
    await expectIn(page, OWNER.name);

    await page.goto('/account/security');
    await button(page, 'Remove the app').click();
    await expect(card(page, 'Authenticator app')).toContainText('Not set up');
    await signOut(page);
    await typePassword(page, OWNER);
    await expectIn(page, OWNER.name);
  });
});

/** A device that holds passkeys and checks its owner. */
async function addDevice(page) {
  const device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { ...device, verify: is_verified => device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: is_verified }) };
}

async function addPasskey(page, label) {
  await page.goto('/account/security');
  await field(page, 'Name of the passkey').fill(label);
  await button(page, 'Add a passkey').click();
}

test.describe('a passkey', () => {
  test('is added, signs in by itself or after the password, and is removed', async ({ page, server }) => {
    await setUp(page, server);
    const device = await addDevice(page);
    const before = await recordedChanges(page);
    await addPasskey(page, 'Laptop');
    await expect(card(page, 'Passkeys')).toContainText('The passkey is added.');
    expect(await recordedChanges(page)).toBe(before + 1);
    await page.goto('/account/security');
    await expect(card(page, 'Passkeys').getByRole('listitem')).toContainText('Laptop');
    await expect(card(page, 'Passkeys').getByRole('listitem')).toContainText('never used');
    await expectGood(page);
    await addPasskey(page, 'Laptop again');
    await expect(card(page, 'Passkeys').getByRole('status').last()).toHaveText(/holds a passkey of your account already/);

    await signOut(page);
    await expectGood(page);
    await button(page, 'Sign in with a passkey').click();
    await expectIn(page, OWNER.name);
    await page.goto('/account');
    await expect(card(page, 'Where you are signed in').getByRole('listitem')).toContainText('passkey');

    await signOut(page);
    await typePassword(page, OWNER);
    await expect(main(page).getByRole('heading', { name: 'Second factor' })).toBeVisible();
    await expect(field(page, 'Code')).toHaveCount(0);
    await expectGood(page);
    await device.verify(false);
    await button(page, 'Use a passkey').click();
    await expect(main(page).getByRole('status')).toHaveText(/was not used/);
    await device.verify(true);
    await button(page, 'Use a passkey').click();
    await expectIn(page, OWNER.name);

    await page.goto('/account/security');
    await expect(card(page, 'Passkeys').getByRole('listitem')).toContainText('last used');
    await card(page, 'Passkeys').getByRole('button', { name: 'Remove Laptop' }).click();
    await expect(card(page, 'Passkeys')).toContainText('The passkey is removed.');
    expect(await recordedChanges(page)).toBe(before + 2);
    await signOut(page);
    await button(page, 'Sign in with a passkey').click();
    await expect(main(page).getByRole('status')).toHaveText(/nobody here can sign in with that/);
  });
});

test.describe('a server of both realms', () => {
  test.use({ has_firm: true });

  test('finds by the passkey whose realm it is', async ({ page, server }) => {
    const [, link] = await setUpLinks(server, 2);
    await useSetUpLink(page, link);
    await expect(page.locator('#side')).toContainText('Partner');
    await addDevice(page);
    await addPasskey(page, 'Key of the firm');
    await expect(card(page, 'Passkeys')).toContainText('The passkey is added.');
    await signOut(page);
    await button(page, 'Sign in with a passkey').click();
    await expectIn(page, OWNER.name);
    await expect(page.locator('#side')).toContainText('Partner');
  });
});

test.describe('a session', () => {
  test('elsewhere is listed and ended', async ({ page, other, server }) => {
    await setUp(page, server);
    const sessions = card(page, 'Where you are signed in').getByRole('listitem');
    await typePassword(other, OWNER);
    await expectIn(other, OWNER.name);
    await page.goto('/account');
    await expect(sessions).toHaveCount(2);
    await expect(sessions.filter({ hasText: 'this one' })).toContainText('Chrome, Linux');
    await expectGood(page);
    await sessions.getByRole('button', { name: 'End' }).click();
    await expect(sessions).toHaveCount(1);
    await other.goto('/account');
    await expect(other).toHaveURL(/\/sign-in/);

    await typePassword(other, OWNER);
    await expectIn(other, OWNER.name);
    await page.goto('/account');
    await button(page, 'End all others').click();
    await expect(sessions).toHaveCount(1);
    await expect(sessions).toContainText('this one');
    await other.goto('/account');
    await expect(other).toHaveURL(/\/sign-in/);
  });

  test('elsewhere ends when the password changes', async ({ page, other, server }) => {
    await setUp(page, server);
    await typePassword(other, OWNER);
    await expectIn(other, OWNER.name);
    await page.goto('/account/security');
    const change = async (current, password) => {
      await field(page, 'Current password').fill(current);
      await field(page, 'New password').fill(password);
      await button(page, 'Change the password').click();
    };
    await change('something else', MANAGER.password);
    await expect(card(page, 'Password')).toContainText('the password is wrong');
    await expect(field(page, 'Current password')).toHaveValue('');
    await change(OWNER.password, 'acme acme acme acme');
    await expect(card(page, 'Password')).toContainText('the password is too easy to guess');
    await expectGood(page);
    await change(OWNER.password, MANAGER.password);
    await expect(card(page, 'Password')).toContainText('The password is changed.');
    await other.goto('/account');
    await expect(other).toHaveURL(/\/sign-in/);
    await typePassword(other, { ...OWNER, password: MANAGER.password });
    await expectIn(other, OWNER.name);
  });

  test('starts anew when its owner shows that it is them', async ({ page, server }) => {
    await setUp(page, server);
    await page.goto('/account/confirm?to=/account/tokens');
    await expectGood(page);
    const before = await page.context().cookies();
    await field(page, 'Password').fill('something else');
    await button(page, 'Confirm').click();
    await expect(main(page)).toContainText('the password is wrong');
    await field(page, 'Password').fill(OWNER.password);
    await button(page, 'Confirm').click();
    await expect(page).toHaveURL(/\/account\/tokens$/);
    const after = await page.context().cookies();
    expect(after.map(it => it.name)).toEqual(before.map(it => it.name));
    expect(after[0].value).not.toBe(before[0].value);
    await page.goto('/account');
    await expect(card(page, 'Where you are signed in').getByRole('listitem')).toHaveCount(1);
  });
});

test.describe('a token', () => {
  test('is issued, shown once and revoked', async ({ page, server }) => {
    await setUp(page, server);
    await page.goto('/account/tokens');
    await expect(main(page)).toContainText('No tokens');
    await expectGood(page);
    const form = card(page, 'Issue a token');
    await form.getByLabel('What it is for').fill('Nightly export');
    await form.getByRole('button', { name: 'Issue the token' }).click();
    await expect(form.locator('.note')).toBeVisible();
    await expect(form.getByLabel('What it is for')).toHaveValue('Nightly export');
    await form.getByLabel('Read', { exact: true }).check();
    await form.getByLabel('Hand in evidence').check();
    await form.getByLabel('Days it lasts').fill('30');
    await form.getByRole('button', { name: 'Issue the token' }).click();
    const token = page.locator('#token');
    await expect(token).toHaveText(/^tmk_[^_]+_[\w-]{43}$/);
    const secret = await token.textContent();
    await expectGood(page);

    await page.goto('/account/tokens');
    await expect(main(page)).not.toContainText(secret);
    const row = card(page, 'Your tokens').getByRole('listitem');
    await expect(row).toHaveCount(1);
    for (const text of ['Nightly export', 'Read', 'Hand in evidence', 'In force', 'never used']) {
      await expect(row).toContainText(text);
    }
    await row.getByRole('button', { name: 'Revoke Nightly export' }).click();
    await expect(row).toContainText('Revoked');
    await expect(row.getByRole('button')).toHaveCount(0);
  });

  test('is not for employees', async ({ page, other, server }) => {
    await setUp(page, server);
    const link = await invite(page, MANAGER, 'Employee');
    await accept(other, link, MANAGER);
    await other.goto('/account');
    const tabs = other.getByRole('navigation', { name: 'Account' }).getByRole('link');
    await expect(tabs).toHaveText(['Overview', 'Security', 'Preferences']);
    expect((await other.goto('/account/tokens')).status()).toBe(403);
  });
});

test.describe('single sign-on', () => {
  let provider;
  const people = {
    ada: { email: OWNER.email, email_verified: true, name: OWNER.name },
    stranger: { email: 'stranger@elsewhere.example', email_verified: true, name: 'A Stranger' },
    claimant: { email: OWNER.email, email_verified: false, name: 'Not Ada' },
  };
  const of = async address => {
    provider = await startProvider(`${address}/sign-in/sso/callback`, people);
    return {
      TICKMARK_SERVE_SSO_ISSUER: provider.issuer,
      TICKMARK_SERVE_SSO_CLIENT_ID: CLIENT.id,
      TICKMARK_SERVE_SSO_CLIENT_SECRET: CLIENT.secret,
    };
  };
  test.use({ settings: { of } });
  test.afterEach(() => provider?.stop());

  const enter = page => main(page).getByRole('link', { name: 'Sign in with 127.0.0.1' });

  test('lets in whose address the provider verified, and links them', async ({ page, server }) => {
    await setUp(page, server);
    await page.goto('/account/security');
    await expect(card(page, 'Single sign-on')).toContainText('Not set up');
    const before = await recordedChanges(page);
    await signOut(page);
    await page.goto('/account/security');
    await expectGood(page);
    await enter(page).click();
    await signInThere(page, provider.issuer, 'ada');
    await expectIn(page, OWNER.name);
    await expect(page).toHaveURL(/\/account\/security$/);
    await expect(card(page, 'Single sign-on')).toContainText(`Linked to ${provider.issuer}`);
    await expectGood(page);

    // Confirming asks the provider to ask anew, though it knows her.
    await page.goto('/account/confirm?to=/account');
    await expectGood(page);
    await main(page).getByRole('link', { name: 'Confirm with 127.0.0.1' }).click();
    await page.waitForURL(url => url.origin === provider.issuer);
    await expect(page.locator('input[name="password"]')).toBeVisible();

    await page.goto('/account/security');
    await button(page, 'End the link').click();
    await expect(card(page, 'Single sign-on')).toContainText('Not set up');
    // Linking was recorded, and ending it.
    expect(await recordedChanges(page)).toBe(before + 2);
  });

  test('asks anew who confirms that it is them', async ({ page, server }) => {
    await setUp(page, server);
    await signOut(page);
    await enter(page).click();
    await signInThere(page, provider.issuer, 'ada');
    await expectIn(page, OWNER.name);
    await page.goto('/account/confirm?to=/account/tokens');
    await main(page).getByRole('link', { name: 'Confirm with 127.0.0.1' }).click();
    await signInThere(page, provider.issuer, 'ada', { is_first: false });
    await expect(page).toHaveURL(/\/account\/tokens$/);
    await page.goto('/account');
    await expect(card(page, 'Where you are signed in').getByRole('listitem')).toContainText('single sign-on');
  });

  for (const name of ['stranger', 'claimant']) {
    test(`refuses the ${name}`, async ({ page, other, server }) => {
      await setUp(page, server);
      await other.goto('/sign-in');
      await enter(other).click();
      await signInThere(other, provider.issuer, name);
      await other.waitForURL(url => url.origin === server.address);
      await expect(main(other)).toContainText('nobody here can sign in with that');
      await expectGood(other);
      await other.goto('/account');
      await expect(other).toHaveURL(/\/sign-in/);
    });
  }

  test('that fails or is abandoned lets nobody in', async ({ page, server }) => {
    await setUp(page, server);
    await signOut(page);
    expect((await page.goto('/sign-in/sso/callback?code=stolen&state=guessed')).status()).toBe(422);
    await expect(main(page)).toContainText('the sign-in took too long');
    await enter(page).click();
    await page.waitForURL(url => url.origin === provider.issuer);
    await page.goto('/sign-in/sso/callback?code=stolen&state=guessed');
    await expect(main(page)).toContainText('cannot be trusted');
    await provider.stop();
    provider.stop = () => {};
    const answered = page.waitForResponse(it => it.url().includes('/sign-in/sso'));
    await enter(page).click();
    expect((await answered).status()).toBe(502);
    await expect(main(page)).toContainText('the identity provider could not be asked');
    // Whoever runs the server learns why; it is not the server that failed.
    const warned = () => server.lines.filter(line => /\bWARN\b.*single sign-on failed/.test(line));
    await expect.poll(warned).not.toEqual([]);
    expect(server.newErrors()).toEqual([]);
  });
});
