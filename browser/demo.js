// Makes the demo once, before all tests; every server gets a copy of it.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Makes the demo in a temporary folder, and answers with what takes it away. */
export default async function makeDemo() {
  const product = process.env.TICKMARK;
  if (!product) {
    throw new Error('`TICKMARK` names no executable\nhint: run `cargo xtask browser`, which sets it');
  }
  const folder = await mkdtemp(join(tmpdir(), 'tickmark-browser-'));
  const takeAway = () => rm(folder, { recursive: true, force: true });
  const demo = join(folder, 'demo');
  try {
    await promisify(execFile)(product, ['demo', '--dir', demo], { timeout: 180_000 });
  } catch (error) {
    await takeAway();
    // The message ends with what the command wrote.
    throw new Error(`the demo could not be made: ${error.message}`);
  }
  // The workers inherit it.
  process.env.TICKMARK_DEMO = demo;
  return takeAway;
}
