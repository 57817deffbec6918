// `tickmark serve` over a copy of the demo, and who signs in there.
//
// What must hold: a server listens on loopback only, at a port of its own; when
// it is asked to stop it ends with 0 within ten seconds; it never logs an
// ERROR. Whatever of this fails, fails a test. A test that changes something
// says `test.use({ changes: true })` and has a server of its own.

import { test as base, expect } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

/** How long a server may take to say where it listens. */
const START_MS = 15_000;
/** How long a server may take to end. */
const STOP_MS = 10_000;
/** What a server prints once it listens. */
const ADDRESS = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/;

/** A running server. */
export class Server {
  /** Every line it wrote, of both outputs. */
  lines = [];
  /** The cookies of who signed in, by role. */
  cookies = new Map();
  /** Where it listens. */
  address = '';

  #folder;
  #process;
  #ended;
  #errorsTold = 0;

  /** Starts a server over a fresh copy of the demo. */
  static async start() {
    const demo = process.env.TICKMARK_DEMO;
    const folder = await mkdtemp(join(dirname(demo), 'copy-'));
    await cp(demo, folder, { recursive: true });
    return Server.over(folder, ['serve', '--demo', folder, '--listen', '127.0.0.1:0']);
  }

  /** Starts a server over a folder, which it takes away when it ends. */
  static async over(folder, words, settings = {}) {
    const server = new Server(folder, words, settings);
    try {
      await server.#listening();
    } catch (error) {
      await server.#end('SIGKILL');
      throw error;
    }
    return server;
  }

  constructor(folder, words, settings) {
    this.#folder = folder;
    // Playwright asks its children for colours.
    const { FORCE_COLOR, ...env } = process.env;
    this.#process = spawn(process.env.TICKMARK, words, {
      env: { ...env, ...settings, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#process, 'close').then(
      ([code, signal]) => signal ?? code,
      error => error.message,
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        this.lines.push(stripVTControlCharacters(line));
      });
    }
  }

  /** Waits for the line that tells the address. */
  async #listening() {
    const told = new Promise(resolve => {
      createInterface({ input: this.#process.stdout }).on('line', line => {
        const found = ADDRESS.exec(line);
        if (found) resolve(found[0]);
      });
    });
    const ended = this.#ended.then(how => Promise.reject(this.#failure(`ended with ${how} before it listened`)));
    // Once the address is known, an end is told by `stop`.
    ended.catch(() => {});
    this.address = await within(START_MS, Promise.race([told, ended]), () =>
      this.#failure(`told no address within ${START_MS / 1000} s`),
    );
  }

  /** ERROR lines since this was last asked. */
  newErrors() {
    const errors = this.lines.filter(line => /\bERROR\b/.test(line));
    const fresh = errors.slice(this.#errorsTold);
    this.#errorsTold = errors.length;
    return fresh;
  }

  /** Asks it to end, and fails unless it does so as it should. */
  async stop() {
    const how = await this.#end('SIGTERM');
    if (how !== 0) throw this.#failure(`ended with ${how} when it was asked to stop`);
    const errors = this.newErrors();
    if (errors.length > 0) throw this.#failure('logged an ERROR');
  }

  /** Ends it with a signal, or by force, and takes its copy away. */
  async #end(signal) {
    this.#process.kill(signal);
    const how = await within(STOP_MS, this.#ended, () => null).catch(() => {
      this.#process.kill('SIGKILL');
      return this.#ended.then(how => `${how} after ${STOP_MS / 1000} s without an answer`);
    });
    await rm(this.#folder, { recursive: true, force: true });
    return how;
  }

  #failure(what) {
    return new Error(`\`tickmark serve\` ${what}; its last lines:\n${this.lines.slice(-40).join('\n')}`);
  }
}

/** The value of a promise that must come in time, else an error. */
async function within(limit_ms, promise, error) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(error()), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The servers of a worker: one that tests share, and those of their own. */
class Servers {
  #running = new Set();
  #shared;

  async own() {
    const server = await Server.start();
    this.#running.add(server);
    return server;
  }

  async shared() {
    this.#shared ??= await this.own();
    return this.#shared;
  }

  async stop(server) {
    this.#running.delete(server);
    await server.stop();
  }

  async stopAll() {
    const stopped = await Promise.allSettled([...this.#running].map(server => this.stop(server)));
    const failed = stopped.find(it => it.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

export const test = base.extend({
  /** Whether a test changes something, and so needs a server of its own. */
  changes: [false, { option: true }],

  servers: [
    async ({}, use) => {
      const servers = new Servers();
      await use(servers);
      await servers.stopAll();
    },
    { scope: 'worker' },
  ],

  /** The server the test speaks to. */
  server: async ({ servers, changes }, use, testInfo) => {
    const server = changes ? await servers.own() : await servers.shared();
    const before = server.lines.length;
    await use(server);
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = server.lines.slice(before).join('\n');
      await testInfo.attach('server.log', { body, contentType: 'text/plain' });
    }
    expect(server.newErrors(), 'the server logged an ERROR').toEqual([]);
    if (changes) await servers.stop(server);
  },

  baseURL: async ({ server }, use) => {
    await use(server.address);
  },

  /** Makes the browser one that is signed in; the forms are gone through once. */
  enterAs: async ({ page, context, server }, use) => {
    await use(async role => {
      const known = server.cookies.get(role);
      if (known) {
        await context.addCookies(known);
      } else {
        await signInAs(page, role);
        server.cookies.set(role, await context.cookies());
      }
    });
  },
});

export { expect };

/** Signs in with the demo's button for a role: `owner`, `partner`, … */
export async function signInAs(page, role) {
  await page.goto('/sign-in');
  const named = page.locator(`[name="role"][value="${role}"]`);
  const form = page.locator('form[action="/sign-in/demo"]', { has: named });
  // One form with a button per role, or a form with a button for each.
  const button = form.locator(`button[value="${role}"], button:not([name="role"])`);
  await button.click();
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'));
}
