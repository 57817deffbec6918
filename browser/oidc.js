// An identity provider on this machine, with the people a test names.
//
// What must hold: it speaks the standard as one in earnest does (it is npm's
// `oidc-provider`, with PKCE required and keys of its own); it listens on
// loopback only.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

/** As whom the server asks. */
export const CLIENT = { id: 'tickmark', secret: randomBytes(24).toString('base64url') };

/**
 * Starts a provider. `redirect`: where it sends browsers back to. `people`:
 * what it says of each, by the name they sign in with there.
 */
export async function startProvider(redirect, people) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    pkce: { methods: ['S256'], required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  });
  server.on('request', provider.callback());
  return {
    issuer,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Signs in on the provider's pages, and agrees to what it asks the first time.
 */
export async function signInThere(page, issuer, name, { is_first = true } = {}) {
  await page.waitForURL(url => url.origin === issuer);
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill('any');
  await page.getByRole('button', { name: /sign-in/i }).click();
  if (is_first) await page.getByRole('button', { name: /continue/i }).click();
}
