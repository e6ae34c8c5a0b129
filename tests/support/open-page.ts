import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's browser; `./kerbside test` installs it. */
const CHROMIUM = '/usr/bin/chromium';

/** The reason to skip a test that needs a browser, or false. With KERBSIDE_REQUIRE_TOOLS=1 the test runs, and fails. */
export const NO_BROWSER = existsSync(CHROMIUM) || process.env['KERBSIDE_REQUIRE_TOOLS'] === '1' ? false : 'chromium is not installed (Debian package chromium)';

/** A browser as an officer's machine has it, without network of its own accord. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
}

/** A page from a file, and every address it asked for beside its own. */
export async function openPage(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<{ readonly page: Page; readonly requests: readonly string[]; readonly complaints: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const address = pathToFileURL(path).href;
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== address) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, requests, complaints };
}
