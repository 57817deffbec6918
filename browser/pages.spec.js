// Every page of `pages.json`, in light, in dark and on a narrow screen: it is
// there, whole, quiet, accessible and usable with the keyboard. A picture of
// each is left in `artefacts/screens/`.

import { accessible, fitsWidth, open, outline, skipsNavigation, watch } from './checks.js';
import { PAGES, slug } from './pages.js';
import { expect, test } from './server.js';

const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  narrow: { colorScheme: 'light', viewport: { width: 375, height: 812 } },
};

for (const [look, settings] of Object.entries(LOOKS)) {
  test.describe(look, () => {
    test.use(settings);
    for (const { path, as } of PAGES) {
      test(`${path} as ${as ?? 'a stranger'}`, async ({ page, server, enterAs }) => {
        if (as) await enterAs(as);
        const watched = await watch(page, server.address);
        const findings = await open(page, path);
        // What axe and the keyboard cause is not the page's.
        findings.push(...watched);
        findings.push(...(await outline(page)));
        findings.push(...(await fitsWidth(page)));
        const picture = `artefacts/screens/${slug(path)}-${look}.png`;
        await page.screenshot({ path: new URL(picture, import.meta.url).pathname, fullPage: true });
        findings.push(...(await accessible(page)));
        // A stranger sees no navigation that could be skipped.
        if (as) findings.push(...(await skipsNavigation(page)));
        if (findings.length > 0) throw new Error(findings.join('\n'));
      });
    }
  });
}

for (const role of ['owner', 'partner']) {
  test(`every page in the navigation of the ${role} is tested`, async ({ page, enterAs }) => {
    await enterAs(role);
    await page.goto('/');
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    await expect(links.first()).toBeVisible();
    const paths = await links.evaluateAll(all => all.map(it => it.getAttribute('href')));
    const tested = PAGES.map(({ path }) => path.split('?')[0]);
    expect(paths.filter(path => !tested.includes(path))).toEqual([]);
  });
}
