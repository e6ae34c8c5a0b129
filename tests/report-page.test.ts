/* The report page in a real browser: accessible, inert, readable on a phone, on paper and at arm's length. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { createImageFile, makePicture, writeFatVolume } from '@kerbside/corpus';
import { buildSet } from '@kerbside/match';
import { VERDICT_SHAPES, VERDICT_WORDS, type Report, type Verdict } from '@kerbside/triage';
import { NO_BROWSER, openPage, startBrowser } from './support/open-page.ts';
import { kerbside, makeFolder } from './support/run-kerbside.ts';
import { SAMPLE_REPORTS, sampleHit, samplePage } from './support/sample-reports.ts';

const folder = makeFolder();
const VERDICTS = Object.keys(SAMPLE_REPORTS) as Verdict[];
let browser: Browser;
before(async () => {
  if (NO_BROWSER === false) browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

let pages = 0;

/** Puts a page's text into a file and opens that. */
function open(html: string, options: Parameters<typeof openPage>[2] = {}): ReturnType<typeof openPage> {
  const path = join(folder.path, `page-${pages++}.html`);
  writeFileSync(path, html);
  return openPage(browser, path, options);
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}

for (const verdict of VERDICTS) {
  test(`${verdict}: the answer stands first in word, shape and colour at 7:1 or more, and axe finds no serious fault`, { skip: NO_BROWSER }, async () => {
    const { page, requests, complaints } = await open(samplePage(verdict));
    const answer = page.locator('.answer .word');
    assert.equal((await answer.innerText()).replace(/\s+/g, ' '), `${VERDICT_SHAPES[verdict]} ${VERDICT_WORDS[verdict]}`);
    const box = (await answer.boundingBox())!;
    assert.ok(box.y + box.height < 720, 'on the first screen without scrolling');
    assert.ok(Number.parseFloat(await styleOf(page, '.answer .word', 'fontSize')) >= 48, 'readable at 3 m');
    const contrast = contrastOf(await styleOf(page, '.answer', 'color'), await styleOf(page, '.answer', 'backgroundColor'));
    assert.ok(contrast >= 7, `contrast ${contrast.toFixed(1)}`);
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual([requests, complaints], [[], []]);
    await page.context().close();
  });

  test(`${verdict}: at 320 px nothing scrolls sideways, and on paper the answer is on page 1`, { skip: NO_BROWSER }, async () => {
    const { page } = await open(samplePage(verdict), { viewport: { width: 320, height: 640 } });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
    assert.deepEqual(await seriousFaults(page), []);
    // A4 less margins of 15 mm, at 96 points an inch.
    await page.setViewportSize({ width: 680, height: 1009 });
    await page.emulateMedia({ media: 'print' });
    const box = (await page.locator('.answer').boundingBox())!;
    assert.ok(box.y + box.height < 1009);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 680, 'nothing is cut at the edge of the paper');
    assert.match((await page.pdf({ format: 'A4' })).subarray(0, 5).toString(), /^%PDF-/);
    await page.context().close();
  });

  test(`${verdict}: with forced colours the answer keeps its frame and words`, { skip: NO_BROWSER }, async () => {
    const { page } = await open(samplePage(verdict), { forcedColors: 'active' });
    assert.ok(Number.parseFloat(await styleOf(page, '.answer', 'borderTopWidth')) >= 3);
    assert.match(await page.locator('.answer').innerText(), new RegExp(VERDICT_WORDS[verdict]));
    await page.context().close();
  });
}

test('names that try to be markup, to turn the text or to look like others are shown escaped and do nothing', { skip: NO_BROWSER }, async () => {
  const evil = `p1/"><script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>' onmouseover='alert(3)`;
  const turned = 'photo\u202egpj.exe \u200bhidden\u0000\u009b31m';
  const base = SAMPLE_REPORTS['needs-examination'];
  const report: Partial<Report> = {
    hits: [sampleHit({ path: evil, set: turned })],
    problems: [{ kind: 'malformed', code: 'item-read-short', message: evil, where: { path: evil }, count: 1 }],
    volumes: base.volumes.map((volume) => ({ ...volume, label: evil, name: evil })),
    source: { ...base.source, path: evil, details: [{ name: evil, value: turned }] },
    sets: base.sets.map((set) => ({ ...set, name: turned })),
    reasons: [{ code: 'encrypted-volume', message: evil, count: 1 }],
  };
  const { page, requests, complaints } = await open(samplePage('needs-examination', report));
  assert.deepEqual([requests, complaints], [[], []]);
  assert.equal(await page.locator('script, img, picture, video, audio, canvas, iframe, object, embed, link, form').count(), 0);
  assert.equal(await page.locator('style').count(), 1);
  assert.equal(await page.evaluate("[...document.querySelectorAll('*')].flatMap((one) => [...one.attributes]).filter((one) => one.name.startsWith('on') || one.name === 'src' || one.name === 'href').length"), 0);
  assert.equal(await page.locator('h1').innerText(), evil, 'shown as it is written');
  const text = await page.locator('body').innerText();
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\u202a-\u202e\u200b\u0000\u009b]/);
  assert.match(text, /photo\\u\{202e\}gpj\.exe/);
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 1280, 'a long name does not widen the page');
  await page.context().close();
});

test('the page forbids everything but its own style', () => {
  const html = samplePage('known-material-found');
  assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">/);
  assert.match(html, /<meta name="referrer" content="no-referrer">/);
  assert.doesNotMatch(html, /url\(|@import|https?:/i);
});

test('hits: counted by set and category, one row a file, weak and deleted ones say so', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('known-material-found'));
  assert.match(await page.locator('.answer .lead').innerText(), /^2 files, the first hit after 4\.1 s\. Example list: 1 A, 1 B; Old list: 1 not mapped\.$/);
  const live = page.locator('tr', { hasText: 'IMG_0001.JPG' });
  assert.equal(await live.count(), 1, 'two sets know it, and it is one file');
  assert.match(await live.innerText(), /Example list: category A \(trusted\), SHA-256[\s\S]*Old list: category not mapped, MD5 alone: a weak match/);
  assert.match(await page.locator('tr', { hasText: '_MG_0002.JPG' }).innerText(), /deleted; 25 % of its place is in use again/);
  assert.match(await page.locator('main').innerText(), /do not say that it is harmless/);
  await page.context().close();
});

test('thousands of hits: the page lists 500 files, says how many there are and where the rest is', { skip: NO_BROWSER }, async () => {
  const hits = Array.from({ length: 2400 }, (_, number) => sampleHit({ path: `p1/DCIM/IMG_${String(number).padStart(4, '0')}.JPG`, id: String(number) }));
  const html = samplePage('known-material-found', { hits });
  assert.ok(html.length < 500_000, `${html.length} characters`);
  const { page } = await open(html);
  assert.match(await page.locator('.answer .lead').innerText(), /^2,400 files/);
  assert.equal(await page.locator('td.path').count(), 500);
  assert.match(await page.locator('main').innerText(), /The first 500 of 2,400 files, in order of path; all are in report\.json\./);
  await page.context().close();
});

test('problems come in groups with what to do, and the counts of items add up on the page', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('needs-examination'));
  const text = await page.locator('main').innerText();
  assert.match(text, /Volume encrypted: 1[\s\S]*seek the key or password/);
  assert.match(text, /Medium read failed: 1[\s\S]*recovery tool/);
  assert.match(text, /Nothing known found in the part that was read\./);
  const counts = await page.evaluate<number[]>("[...document.querySelectorAll('[aria-label=Items] td.n')].map((one) => Number(one.textContent.replaceAll(',', '')))");
  assert.equal(counts.slice(0, -1).reduce((sum, count) => sum + count, 0), counts.at(-1));
  await page.context().close();
});

test('a real run: a card with hostile names and one known picture', { skip: NO_BROWSER }, async () => {
  const picture = makePicture({ kind: 'jpeg', seed: 3, widthPx: 160, heightPx: 120 });
  const image = join(folder.path, 'card.img');
  const sink = createImageFile(image, 16 * 1024 * 1024);
  const names = ["&lt;b&gt; 'quoted' & more.jpg", 'turned \u202egpj.jpg', '\u001b[2J\u001b[31m.jpg'];
  writeFatVolume({ fatBits: 16, sizeBytes: 16 * 1024 * 1024, clusterSizeBytes: 2048, seed: 3, tree: names.map((path) => ({ path, content: picture })), sink });
  sink.close();
  const list = join(folder.path, 'list.txt');
  writeFileSync(list, `${createHash('sha1').update(picture).digest('hex')}\n`);
  await buildSet({ out: join(folder.path, 'list.kset'), inputs: [list], meaning: 'alert', name: 'Example list' });
  const run = kerbside(['triage', image, '--set', join(folder.path, 'list.kset'), '--out', join(folder.path, 'run')]);
  assert.equal(run.status, 10, run.stderr);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(run.stdout + run.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const { page, requests, complaints } = await openPage(browser, join(folder.path, 'run', 'report.html'));
  assert.deepEqual([requests, complaints], [[], []]);
  assert.equal(await page.locator('td.path').count(), 3);
  assert.match(await page.locator('main').innerText(), /p1\/&lt;b&gt; 'quoted' & more\.jpg[\s\S]*p1\/\\u\{1b\}\[2J[\s\S]*p1\/turned \\u\{202e\}gpj\.jpg/);
  assert.deepEqual(await seriousFaults(page), []);
});

function styleOf(page: Page, selector: string, property: string): Promise<string> {
  return page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);
}

/** Contrast of two `rgb(…)` colours as WCAG 2.2 defines it, 1 to 21. */
function contrastOf(a: string, b: string): number {
  const [light, dark] = [luminanceOf(a), luminanceOf(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: string): number {
  const [red, green, blue] = colour.match(/\d+/g)!.map((text) => {
    const value = Number(text) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
