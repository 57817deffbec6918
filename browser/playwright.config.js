// How the browser tests run: Debian's Chromium, two workers, no second tries.
//
// What must hold: nothing depends on the machine's language, time zone or
// colours, and nothing waits without an end. Pictures and traces lie in
// `artefacts/`, which git ignores.

import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.js',
  outputDir: 'artefacts/results',
  globalSetup: './demo.js',
  reporter: 'list',

  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,

  timeout: 180_000,
  globalTimeout: 40 * 60_000,
  expect: { timeout: 10_000 },

  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    locale: 'en-US',
    timezoneId: 'America/Los_Angeles',
    colorScheme: 'light',
    contextOptions: { reducedMotion: 'reduce' },
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      // Chromium does not start its sandbox for root.
      chromiumSandbox: process.getuid() !== 0,
    },
  },
});
