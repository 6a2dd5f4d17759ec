// Headless Chromium that reaches one host only and remembers everything it was unhappy with.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser, a page, and the list of complaints that grows while the page is used. */
export async function openBrowser(url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${url.hostname}`],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints = [];

  await page.route('**/*', route => {
    const asked = new URL(route.request().url());
    if (asked.host === url.host || asked.protocol === 'data:' || asked.protocol === 'blob:') return route.continue();
    complaints.push(`asked another host: ${asked}`);
    return route.abort();
  });
  page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`));
  page.on('response', response => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  return { browser, page, complaints };
}
