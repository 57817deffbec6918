// The pages that are tested: address, and as whom it is opened (`null`: nobody).

import { readFileSync } from 'node:fs';

export const PAGES = JSON.parse(readFileSync(new URL('pages.json', import.meta.url), 'utf8'));

/** A name for files: `/search?q=access` becomes `search-q-access`. */
export function slug(path) {
  return path.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-|-$/g, '') || 'start';
}
