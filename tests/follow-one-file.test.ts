/*
 * Follow one file: how a picture on a suspect's card becomes a hit on the officer's screen.
 *
 * The same steps stand in README.md with links to the functions. Here each is done by hand through
 * the doors of the packages, in order; then the real command does all of them, and a real browser
 * opens what the officer sees. Read it from top to bottom: it is the shortest tour of the program.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { demoCategoryMap, makePicture, recordOfContent, vics2Media, writeDisk, writeFatVolume } from '@kerbside/corpus';
import { displayPath, findLayout, openSource, readContent, type FileSystem, type Item, type Layout, type OpenImage } from '@kerbside/evidence';
import { buildSet, openSet, type KnownSet, type SetRow } from '@kerbside/match';
import { computeVerdict, type VerdictAnswer } from '@kerbside/triage';
import { NO_BROWSER, openPage, startBrowser } from './support/open-page.ts';
import { digestFile, kerbside, makeFolder, readReport } from './support/run-kerbside.ts';

const MIB = 1024 * 1024;

/** Everything of this test: the card's image, the list, the set, the run. Removed at the end. */
const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const cardImage = join(folder.path, 'card.img');
const listFile = join(folder.path, 'list.json');
const mapFile = join(folder.path, 'map.json');
const setFile = join(folder.path, 'list.kset');
const outFolder = join(folder.path, 'run');

/** The one known picture, a generated landscape; beside it one of the same length that nobody knows, and a letter. */
const known = makePicture({ kind: 'jpeg', seed: 7, widthPx: 320, heightPx: 240 });
const unknown = Buffer.from(known).reverse();
const letter = Buffer.from('The match on Saturday begins at three.\n');
const KNOWN_PATH = 'p1/DCIM/100CANON/IMG_0001.JPG';

/** What the steps hand on to each other. */
let source: OpenImage;
let layout: Layout;
let fileSystem: FileSystem;
let items: readonly Item[];
let item: Item;
let set: KnownSet;
let sha1: Buffer;
let rows: readonly SetRow[];
let answer: VerdictAnswer;

test('before the search: a list of known material is compiled to a set', async () => {
  const record = recordOfContent([known], 'from another case.jpg', 1);
  writeFileSync(listFile, [...vics2Media([record])].join(''));
  // The list's own code 1 means nothing until a category map, which somebody confirmed, says so.
  writeFileSync(mapFile, demoCategoryMap());
  const built = await buildSet({ out: setFile, inputs: [listFile], meaning: 'alert', name: 'Example list', categoryMap: mapFile, importedBy: 'Sam Example' });
  assert.equal(built.facts.rows, 1);
});

test('before the search: a camera leaves a memory card, the known picture on it in two pieces', () => {
  writeDisk({
    path: cardImage,
    scheme: 'mbr',
    seed: 1,
    volumes: [
      {
        fileSystem: 'fat',
        sizeBytes: 32 * MIB,
        write: (sink) =>
          writeFatVolume({
            fatBits: 16,
            sizeBytes: 32 * MIB,
            clusterSizeBytes: 2048,
            label: 'CAMERA',
            seed: 1,
            tree: [
              { path: 'DCIM/100CANON/IMG_0001.JPG', content: known, fragments: 2 },
              { path: 'DCIM/100CANON/IMG_0002.JPG', content: unknown },
              { path: 'LETTER.TXT', content: letter },
            ],
            sink,
          }),
      },
    ],
  });
});

test('step 1, open source: the card is opened for reading only', async () => {
  const opened = await openSource(cardImage);
  assert.equal(opened.form, 'image');
  source = opened as OpenImage;
  assert.equal(source.facts.kind, 'raw');
  assert.equal(source.source.sizeBytes, source.facts.sizeBytes);
});

test('step 2, find volumes: the partition table names one volume, and the rest is known gaps', async () => {
  layout = await findLayout(source);
  assert.deepEqual(layout.volumes.map(({ volume }) => [volume.id, volume.startOffset, volume.sizeBytes]), [['p1', MIB, 32 * MIB]]);
  const covered = layout.gaps.reduce((sum, gap) => sum + gap.range.length, 32 * MIB);
  assert.equal(covered, source.facts.sizeBytes, 'every byte belongs to a volume or to a gap');
});

test('step 3, read file system: FAT16, by its own structures and not by the type in the table', () => {
  const { content } = layout.volumes[0]!;
  assert.equal(content.state, 'file-system');
  fileSystem = (content as Extract<typeof content, { state: 'file-system' }>).fileSystem;
  assert.equal(fileSystem.kind, 'FAT16');
  assert.equal(fileSystem.label, 'CAMERA');
});

test('step 4, item with extents: names come from the directory, places from the FAT', () => {
  const walked = [...fileSystem.walk()];
  assert.deepEqual(walked.filter((event) => event.type === 'problem'), []);
  items = walked.flatMap((event) => (event.type === 'item' && event.item.kind === 'file' ? [event.item] : []));
  assert.equal(items.length, 3);
  item = items.find((one) => displayPath('p1', one) === KNOWN_PATH)!;
  assert.equal(item.state, 'allocated');
  assert.equal(item.sizeBytes, known.length);
  assert.equal(item.content.form, 'extents');
  const { extents } = item.content as Extract<Item['content'], { form: 'extents' }>;
  assert.equal(extents.length, 2, 'two pieces');
  assert.equal(extents.reduce((sum, extent) => sum + extent.length, 0), known.length);
});

test('step 5, size gate: the letter has a length that the set does not hold, so it need not be read', () => {
  set = openSet(setFile);
  const mayHaveSize = set.mayHaveSize;
  assert.ok(mayHaveSize !== null, 'every row of the set states its length');
  assert.deepEqual(
    items.map((one) => [displayPath('p1', one), mayHaveSize(one.sizeBytes)]),
    [
      ['p1/LETTER.TXT', false],
      [KNOWN_PATH, true],
      ['p1/DCIM/100CANON/IMG_0002.JPG', true],
    ],
  );
});

test('step 6, read and hash: only the digest that the set needs', () => {
  assert.deepEqual(set.sufficientDigests, ['sha1']);
  const hash = createHash('sha1');
  for (const chunk of readContent(source.source, item, 'system')) {
    assert.deepEqual([chunk.unreadable, chunk.problems], [[], []]);
    hash.update(chunk.bytes);
  }
  sha1 = hash.digest();
  assert.equal(sha1.toString('hex'), createHash('sha1').update(known).digest('hex'));
});

test('step 7, look up in sets: the row, confirmed against the whole digest on disk', () => {
  rows = set.lookup('sha1', sha1);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]!.category, 'A');
  assert.equal(rows[0]!.categoryBasis, 'trusted');
  assert.deepEqual(set.lookup('sha1', createHash('sha1').update(unknown).digest()), [], 'the same length is not the same content');
});

test('step 8, hit and verdict: one pure function of what was found and what was covered', () => {
  const skipped = { 'no-runs': 0, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 };
  answer = computeVerdict({
    state: 'finished',
    sets: 1,
    hits: [{ meaning: set.facts.meaning, strength: 'confirmed' }],
    problems: [],
    items: { seen: 3, read: 2, gated: 1, skippedByPlan: 0, problems: 0, skipped, directories: 2, others: 0 },
    unreadableBytes: 0,
    volumes: [{ id: 'p1', state: 'file-system', name: 'FAT16', intact: true, appears: 'data' }],
    gaps: [],
    unfinishedStages: [],
    isScreen: false,
    leftWithoutBlocks: 0,
    controls: { state: 'passed', failedMarkers: [] },
    blockHits: [],
    disagreements: [], similar: 0, content: null,
    meter: null,
  });
  assert.equal(answer.verdict, 'known-material-found');
});

test('step 9, journal and report: the real command does all of this, keeps a journal, and says the same', async () => {
  set.close();
  await source.close();
  const before = digestFile(cardImage);
  const run = kerbside(['triage', cardImage, '--set', setFile, '--out', outFolder]);
  assert.equal(run.status, 10, run.stderr);
  assert.equal(digestFile(cardImage), before, 'nothing on the card has changed');
  assert.ok(existsSync(join(outFolder, 'run.sqlite')), 'the journal from which a killed run goes on');

  const report = readReport(outFolder);
  assert.equal(report.verdict, answer.verdict);
  assert.equal(report.hits.length, 1);
  const hit = report.hits[0]!;
  assert.equal(hit.path, KNOWN_PATH);
  assert.equal(hit.set, 'Example list');
  assert.equal(hit.category, 'A');
  assert.equal(hit.digests['sha1'], sha1.toString('hex'));
  assert.equal(hit.algorithm, 'sha256', 'a hit is hashed again for the strongest digest that the row holds');
  const { items: counts } = report.coverage;
  assert.deepEqual([counts.seen, counts.read, counts.gated, counts.skippedByPlan, counts.problems], [3, 2, 1, 0, 0]);

  assert.match(run.stdout, /KNOWN MATERIAL FOUND/);
  assert.match(run.stdout, new RegExp(`${KNOWN_PATH}\\n +Example list: category A \\(trusted\\), SHA-256`));
});

test('on the screen: the page opens red, with the path and the set, and shows no picture', { skip: NO_BROWSER }, async () => {
  const browser = await startBrowser();
  try {
    const { page, requests } = await openPage(browser, join(outFolder, 'report.html'));
    const box = page.locator('.answer');
    assert.match(await box.innerText(), /Known material found/);
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.answer')).backgroundColor"), 'rgb(125, 15, 15)', 'dark red');
    const row = page.locator('tr', { hasText: KNOWN_PATH });
    assert.equal(await row.count(), 1);
    assert.match(await row.innerText(), /Example list/);
    assert.equal(await page.locator('img, picture, video, canvas, iframe').count(), 0);
    assert.deepEqual(requests, [], 'nothing was fetched');
  } finally {
    await browser.close();
  }
});
