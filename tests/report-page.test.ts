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
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { makeFolder } from './support/run-kerbside.ts';
import { CONTROLS_FAILED, CONTROLS_PASSED, METER, SAMPLE_REPORTS, sampleBlockHit, sampleHit, samplePage, sampleThermometer } from './support/sample-reports.ts';

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
    blockHits: [sampleBlockHit({ set: turned, category: evil, item: evil }), sampleBlockHit({ rule: 'lead', set: evil, item: null, volume: turned })],
    controls: { ...CONTROLS_FAILED, volumeDigest: evil, markers: CONTROLS_FAILED.markers.map((marker) => ({ ...marker, name: evil })) },
    certificate: { file: evil, signerId: turned, owner: evil, roots: [{ lane: evil, count: 1, root: turned }] },
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

test('the meter says its three figures, never more than they are', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('nothing-known-found'));
  const text = await page.locator('main').innerText();
  assert.match(text, /Any unbroken run of 20 MiB or more of known material would have been met, by the 97 % of its blocks that the sets index\.\s+20 MiB or more, however scattered, would have been met with 99\.2 %\.\s+48,112 of 48,112 live files checked\./);
  assert.match(text, /5 MiB or more\s+70\.1 %[\s\S]*100 MiB or more\s+over 99\.99 %/);
  assert.doesNotMatch(text, /was not searched for fragments/);
  await page.context().close();
  const doubtful = samplePage('needs-examination', { meter: { ...METER, unbrokenBytes: 20 * 1024 ** 2 + 1, scattered: [{ bytes: 20 * 1024 ** 2 + 1, probability: 0.9899999 }] } });
  assert.match(doubtful, /Any unbroken run of 20\.1 MiB or more/);
  assert.match(doubtful, /20\.1 MiB or more, however scattered, would have been met with 98\.9 %/);
  assert.match(samplePage('nothing-known-found', { meter: null, blockHits: [] }), /was not searched for fragments/);
});

test('the thermometer: a bar and a row a kind, and what the file systems do not account for first', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('needs-examination'));
  assert.equal(await page.locator('.bars .bar').count(), 7);
  const widths = await page.evaluate<number[]>("[...document.querySelectorAll('.bars .bar')].map((one) => Math.round((100 * one.querySelector('.fill').getBoundingClientRect().width) / one.clientWidth))");
  assert.deepEqual(widths, [12, 2, 0, 0, 38, 40, 8]);
  assert.match(await page.locator('.note.strong').innerText(), /More pictures than the file systems account for: at least 10 % of the sample, 2\.1 % in files\.[\s\S]*More random-looking data/);
  assert.match(await page.locator('tr', { hasText: 'random-looking' }).innerText(), /38 %\s+36 % to 40 %\s+917/);
  assert.match(await page.locator('main').innerText(), /3 more gave no bytes and are not counted/);
  await page.context().close();
  assert.doesNotMatch(samplePage('nothing-known-found', { thermometer: sampleThermometer({ empty: 1 }) }), /account for/);
});

test('known blocks: parts of files first, each with its rule in words; a lead is told apart', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('known-material-found'));
  const run = page.locator('tr', { hasText: 'file 1,204 of the set' });
  assert.match(await run.innerText(), /free space, slack[\s\S]*part of a known file is here: 37 of its 52 indexed blocks, in order[\s\S]*category A[\s\S]*3,221,225,472, 152 kB/);
  assert.match(await page.locator('tr', { hasText: 'IMG_0007' }).innerText(), /33 of its 36 indexed blocks\s/);
  assert.match(await page.locator('tr', { hasText: 'lead:' }).innerText(), /outside every volume\s+lead: one known block, not enough to say that a file is here/);
  assert.match(await page.locator('.tiles').innerText(), /2\s+parts of known files, by blocks; 1 lead/);
  await page.context().close();
  const only = samplePage('known-material-found', { hits: [], blockHits: [sampleBlockHit()] });
  assert.match(only, /1 part of a known file, told by blocks/);
});

test('controls that failed: no evidence was read, the markers are named, and it stands before all else', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('needs-examination', { controls: CONTROLS_FAILED, meter: null, thermometer: null, coverageMap: [], certificate: null }));
  assert.match(await page.locator('.answer .lead').innerText(), /^No evidence was read: the instrument is not fit\.$/);
  assert.equal(await page.locator('h2:not(.word)').first().innerText(), 'Controls');
  assert.match(await page.locator('tr', { hasText: 'exFAT, fragmented' }).innerText(), /a hit\s+missed/);
  assert.match(await page.locator('tr', { hasText: 'same length' }).innerText(), /no hit\s+a false hit/);
  assert.deepEqual(await seriousFaults(page), []);
  await page.context().close();
  assert.match(samplePage('needs-examination'), /Passed before any evidence was read: 9 markers/);
  const inPart = samplePage('needs-examination', { controls: { ...CONTROLS_PASSED, markers: [...CONTROLS_PASSED.markers, { name: 'smaller copy', expected: 'hit', outcome: 'not-tried', reason: 'no <b>sandbox</b>' }] } });
  assert.match(inPart, /Passed before any evidence was read: 9 markers [^<]*; 1 not tried: no &#60;b&#62;sandbox&#60;\/b&#62;\./);
  assert.match(inPart, /smaller copy<\/td><td data-label="Must be">a hit<\/td><td data-label="Was">not tried</);
});

test('the picture of coverage: each state in shape and colour, the words for who cannot see it, bytes that add up', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('needs-examination'));
  const map = page.locator('svg.coverage');
  assert.match((await map.getAttribute('aria-label'))!, /could not be read: 0\.5 %; in a locked volume: 38 %; not read: 35 %;/);
  const looks = await page.evaluate<string[]>("[...document.querySelectorAll('svg.coverage path')].map((one) => [one.getAttribute('class'), getComputedStyle(one).fill].join(' '))");
  assert.deepEqual(looks.map((look) => look.split(' ')[0]), ['g-unreadable', 's-unreadable', 'g-encrypted', 's-encrypted', 'g-not-read', 'g-in-part', 's-in-part', 'g-gated', 's-gated', 'g-read']);
  assert.equal(new Set(looks.filter((look) => look.startsWith('g-'))).size, 6, 'six colours');
  const bytes = await page.evaluate<number[]>("[...document.querySelectorAll('[aria-label=\"Coverage by state\"] td:nth-child(3)')].map((one) => Number(one.textContent.replaceAll(',', ''))).filter((one) => !Number.isNaN(one))");
  assert.equal(bytes.slice(0, -1).reduce((sum, count) => sum + count, 0), bytes.at(-1));
  await page.context().close();
  const { page: red } = await open(samplePage('known-material-found'));
  assert.match((await red.locator('svg.coverage').getAttribute('aria-label'))!, /Known material from byte 3,966,976, 30,000,128, 3,221,225,472\./);
  await red.context().close();
});

test('the certificate: who signed, the roots, and the commands to check it', { skip: NO_BROWSER }, async () => {
  const { page } = await open(samplePage('nothing-known-found'));
  const text = await page.locator('main').innerText();
  assert.match(text, /kerbside verify certificate\.json\s+kerbside verify certificate\.json SOURCE/);
  assert.match(text, /Example Force, digital unit[\s\S]*3d1c9a70b5e2f846[\s\S]*Root over 267,274 reads, survey lane/);
  await page.context().close();
  assert.doesNotMatch(samplePage('not-finished'), /<h2>Certificate/);
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
