// The page in headless Chromium, from a wide screen to a phone: node look.mjs URL CHROMIUM SCREENSHOT FROM TO, where it switches
// from one stack to another by a click. Prints a JSON object of what was found.
import { createRequire } from 'node:module';
import { join } from 'node:path';
const { chromium } = createRequire(join(process.cwd(), 'package.json'))('playwright-core');

const [url, executablePath, screenshot, from, to] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } }), errors = [];
  page.on('pageerror', fault => errors.push(String(fault)));
  page.on('console', message => message.type() === 'error' && errors.push(message.text()));
  await page.goto(url + '/scheduler');
  await page.waitForSelector(`button[data-stack="${from}"][aria-pressed=true]`);
  await page.waitForFunction(() => document.querySelectorAll('#decisions li').length > 0 && Number(document.querySelector('#running').textContent) > 0);
  await page.screenshot({ path: screenshot + '-wide.png' });
  await page.click(`button[data-stack="${to}"]`);
  await page.waitForSelector(`button[data-stack="${to}"][aria-pressed=true]`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize({ width: 360, height: 740 });
  // The next state has been drawn.
  await page.evaluate(() => new Promise(drawn => new MutationObserver(drawn).observe(document.querySelector('#decisions'), { childList: true })));
  await page.screenshot({ path: screenshot + '-phone.png' });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const least = await page.evaluate(() => Math.min(...[...document.querySelectorAll('button')].map(button => button.getBoundingClientRect().height)));
  console.log(JSON.stringify({ wide, width, least, errors, reasons: await page.locator('#decisions small').allTextContents() }));
} finally {
  await browser.close();
}
