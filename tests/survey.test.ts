/*
 * The survey lane through the real command: known material wherever it can lie, on every grid; nothing that
 * only looks like it; figures that are true when a run stops early; and no "nothing known found" where
 * something was not looked at.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, makePicture, makeRandom, readFileChunks, sinkAt, writeDisk, writeE01, writeExfatVolume, writeFatVolume, writeNtfsVolume, writeStoredZip, type CorpusFile, type ImageSink } from '@kerbside/corpus';
import type { Report, RunEvent } from '@kerbside/triage';
import { compileSet } from './support/make-device.ts';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, makeFolder, readReport } from './support/run-kerbside.ts';
import { BLOCK_BYTES, bytesOf, makeBlockSet, makeSurveyDevice, type PlantedPiece } from './support/survey-device.ts';
import { assertSameReport } from './support/without-times.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const MIB = 1024 * 1024;
const SEED = '5a'.repeat(32);
const at = (...names: string[]): string => join(folder.path, ...names);

mkdirSync(at('survey'));
const device = makeSurveyDevice(at('survey'));

interface Run {
  readonly status: number | null;
  readonly report: Report;
  readonly events: readonly RunEvent[];
  readonly out: string;
}

let runs = 0;

/** Triage with JSON lines; asserts what must hold of every run. */
function triage(source: string, sets: readonly string[], options: readonly string[] = [], out = at(`run-${(runs += 1)}`)): Run {
  const run = kerbside(['triage', source, '--set', ...sets, '--out', out, '--json', '--seed', SEED, ...options]);
  assert.ok([0, 10, 20, 30].includes(run.status ?? -1), `${run.status}: ${run.stderr}`);
  const report = readReport(out);
  assert.equal(report.verdict, { 0: 'nothing-known-found', 10: 'known-material-found', 20: 'needs-examination', 30: 'not-finished' }[run.status!]);
  const { seen, read, gated, skippedByPlan, problems } = report.coverage.items;
  assert.equal(seen, read + gated + skippedByPlan + problems, JSON.stringify(report.coverage.items));
  assert.equal(report.controls.state, 'passed');
  const { meter } = report;
  if (meter !== null) assert.ok(meter.filesChecked <= meter.filesTotal && meter.scattered.every(({ probability }) => probability >= 0 && probability <= 1));
  const events = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as RunEvent);
  return { status: run.status, report, events, out };
}

function reasonCodes(report: Report): string[] {
  return report.reasons.map(({ code }) => code);
}

function hitsOn(report: Report, { offset, length }: { readonly offset: number; readonly length: number }): Report['blockHits'] {
  return report.blockHits.filter(({ ranges }) => ranges.some((range) => range.offset < offset + length && offset < range.offset + range.length));
}

function makeImage(name: string, sizeBytes: number, write: (sink: ImageSink) => void): string {
  const image = createImageFile(at(name), sizeBytes);
  write(image);
  image.close();
  return at(name);
}

const picture = (seed: number): Buffer => makePicture({ kind: 'jpeg', seed, widthPx: 200, heightPx: 150 });
const holidayTree: CorpusFile[] = Array.from({ length: 12 }, (_, n): CorpusFile => ({ path: `DCIM/IMG_${n}.JPG`, content: picture(n) }));
const cleanFat = (sink: ImageSink): unknown => writeFatVolume({ fatBits: 16, sizeBytes: 24 * MIB, clusterSizeBytes: 2048, seed: 2, tree: holidayTree, sink });
const clean = makeImage('clean.img', 24 * MIB, cleanFat);

const isStrewn = ({ name }: PlantedPiece): boolean => name.endsWith('in pieces');

const deviceDigest = digestFile(device.imagePath);
const whole = triage(device.imagePath, [device.setPath]);

test('a full pass meets every known block: live, deleted, in part, in slack, in no volume, in a destroyed one, in TAR and ZIP, on every grid', () => {
  assert.equal(whole.status, 10);
  assert.equal(digestFile(device.imagePath), deviceDigest, 'the source was changed');
  const systems = whole.report.volumes.filter(({ state }) => state === 'file-system');
  assert.deepEqual([systems.length, new Set(systems.map(({ startOffset }) => startOffset % BLOCK_BYTES)).size > 4], [device.volumes, true]);
  assert.equal(whole.report.volumes[0]!.startOffset, 63 * 512);
  assert.equal(device.pieces.length, device.volumes * 9 + 4);
  for (const piece of device.pieces) {
    const hits = hitsOn(whole.report, piece);
    assert.ok(hits.length > 0, `${piece.name} was not met`);
    const [hit] = hits as [Report['blockHits'][number]];
    if (!isStrewn(piece)) assert.deepEqual([hits.length, hit.blocksMatched], [1, piece.blocks], piece.name);
    assert.equal(hit.ranges[0]!.offset, piece.offset, piece.name);
    // A file's name on FAT loses its first letter when it is deleted.
    assert.equal(hit.item?.replace('/?ONE', '/GONE') ?? null, piece.item, piece.name);
    if (hit.file !== null) assert.equal(hit.file.sizeBytes, piece.fileSizeBytes, piece.name);
  }
  // Of pieces in one file all blocks are found but those that a piece's end cuts.
  const strewn = device.pieces.filter(isStrewn);
  for (const { name, item, blocks } of strewn) {
    const found = whole.report.blockHits.filter((hit) => hit.item === item).reduce((sum, { blocksMatched }) => sum + blocksMatched, 0);
    assert.ok(found >= blocks, `${name}: ${found} of ${blocks} blocks`);
  }
  assert.equal(whole.report.meter!.unreadableBytes, 0);
  assert.deepEqual(whole.report.meter!.scattered.map(({ probability }) => probability), whole.report.meter!.scattered.map(() => 1));
});

test('what only looks like known files is not hit, by blocks or by digest, and no hit stands where nothing was planted', () => {
  for (const one of device.lookAlikes) {
    assert.deepEqual(hitsOn(whole.report, one), [], one.path);
    assert.ok(whole.report.hits.every(({ path }) => path !== one.path), one.path);
  }
  const strewn = new Set(device.pieces.filter(isStrewn).map(({ item }) => item));
  const isPlanted = (hit: Report['blockHits'][number]): boolean => strewn.has(hit.item) || device.pieces.some(({ offset, length }) => hit.ranges.every((range) => range.offset >= offset && range.offset + range.length <= offset + length));
  assert.deepEqual(whole.report.blockHits.filter((hit) => !isPlanted(hit)), []);
});

/** Hits inside containers are the content lane's. */
const isMember = (path: string): boolean => path.includes('/\\[zip]/') || path.includes('/\\[tar]/');

test('whole live files are hits of the file lane too, and the rules say how much a block hit says', () => {
  const live = device.pieces.filter(({ isWholeItem }) => isWholeItem).map(({ item }) => item);
  const paths = whole.report.hits.filter(({ allocated, path }) => allocated && !isMember(path)).map(({ path }) => path);
  assert.deepEqual(new Set(paths), new Set(live));
  assert.equal(paths.length, live.length);
  assert.ok(whole.report.hits.some(({ path }) => path.includes('/\\[zip]/')) && whole.report.hits.some(({ path }) => path.includes('/\\[tar]/')), 'what is in archives is found too');
  assert.deepEqual(whole.report.hits.map(({ category }) => category), whole.report.hits.map(() => 'B'));
  const ruleOf = (name: string): string => hitsOn(whole.report, device.pieces.find((piece) => piece.name === name)!)[0]!.rule;
  assert.deepEqual(['FAT16 512: live', 'NTFS 4096: in part', 'in slack', 'a lone block'].map(ruleOf), ['share', 'run', 'run', 'lead']);
  const leads = whole.report.blockHits.filter(({ rule }) => rule === 'lead');
  assert.equal(leads.length, 1);
  assert.ok(reasonCodes(whole.report).includes('block-leads') && reasonCodes(whole.report).includes('known-blocks'));
  assert.equal(hitsOn(whole.report, device.pieces.find(({ name }) => name.startsWith('in a destroyed'))!)[0]!.volume, device.destroyed);
});

test('the lines of a run tell meter, thermometer and block hits as they come; the last figures are those of the report', () => {
  const ofType = <T extends RunEvent['type']>(type: T): Extract<RunEvent, { type: T }>[] => whole.events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
  assert.deepEqual(ofType('meter').at(-1)!.meter.unbrokenBytes, whole.report.meter!.unbrokenBytes);
  const unbroken = ofType('meter').map(({ meter }) => meter.unbrokenBytes ?? Infinity);
  assert.deepEqual(unbroken, unbroken.toSorted((a, b) => b - a), 'the promise got worse on the way');
  assert.equal(ofType('thermometer').at(-1)!.thermometer.reads, whole.report.thermometer!.reads);
  const told = new Set(ofType('block-hit').map(({ hit }) => hit.ranges[0]!.offset));
  for (const hit of whole.report.blockHits) {
    // A lead may still become more, so it stands in the report alone; blocks of a file that is a hit itself are no news.
    if (!hit.isOfWholeHit) assert.equal(told.has(hit.ranges[0]!.offset), hit.rule !== 'lead', JSON.stringify(hit));
  }
  assert.deepEqual(new Set(whole.report.blockHits.filter(({ isOfWholeHit }) => isOfWholeHit).map(({ item }) => item)), new Set(whole.report.hits.map(({ path }) => path).filter((path) => !isMember(path))));
  assert.deepEqual(ofType('stage').map(({ stage }) => stage).filter((stage) => stage === 'survey'), ['survey']);
});

test('a screen stops at its target and says so; of the files it reads those that hold what it met', () => {
  const { status, report } = triage(device.imagePath, [device.setPath], ['--profile', 'screen', '--until', '1MiB@90%']);
  assert.equal(status, 10);
  const meter = report.meter!;
  assert.ok(meter.unbrokenBytes! <= MIB, `${meter.unbrokenBytes}`);
  assert.ok(meter.scattered.find(({ bytes }) => bytes === MIB)!.probability >= 0.9);
  const chunks = Math.ceil(device.sizeBytes / report.plan.survey!.chunkBytes);
  assert.ok(meter.systematicReads < chunks / 4 && meter.systematicReads > 0 && meter.jitteredReads > 0, `${meter.systematicReads} and ${meter.jitteredReads} reads of ${chunks} chunks`);
  assert.ok(meter.scattered.some(({ probability }) => probability < 1), 'as if everything had been read');
  const { items } = report.coverage;
  assert.ok(items.skipped['left-by-profile'] > 0 && items.read > 0);
  assert.equal(meter.filesChecked < meter.filesTotal, true);
  const owners = new Set(report.blockHits.map(({ item }) => item));
  assert.ok(report.hits.length > 0 && report.hits.every(({ path }) => owners.has(path)));
  for (const hit of report.blockHits) assert.ok(whole.report.blockHits.some((one) => one.ranges[0]!.offset === hit.ranges[0]!.offset && one.blocksMatched === hit.blocksMatched), 'met otherwise than in the full pass');
});

test('"everything" carves free space as well: the picture outside every volume is an item and a hit', () => {
  const { status, report } = triage(device.imagePath, [device.setPath], ['--profile', 'everything']);
  assert.equal(status, 10);
  const carved = report.hits.filter(({ state }) => state === 'carved');
  const gap = device.pieces.find(({ name }) => name === 'in no volume')!;
  assert.deepEqual(carved.map(({ offset, size }) => [offset, size]), [[gap.offset, gap.length]]);
  assert.deepEqual(report.blockHits.map(({ ranges }) => ranges), whole.report.blockHits.map(({ ranges }) => ranges));
  assert.ok(report.coverage.carving!.bytesSearched > 0);
});

test('--minutes stops truthfully, and the same command goes on to the same end', () => {
  const out = at('minutes');
  const short = triage(device.imagePath, [device.setPath], ['--minutes', '0.008'], out);
  assert.ok(reasonCodes(short.report).includes('not-finished'), JSON.stringify(short.report.reasons));
  assert.equal(short.status, short.report.hits.length + short.report.blockHits.filter(({ rule }) => rule !== 'lead').length > 0 ? 10 : 30);
  assert.ok(short.report.coverage.items.skipped['left-by-profile'] === 0);
  assert.ok(short.report.coverage.stages.length < 5 || short.report.coverage.stages.some(({ finished }) => !finished));
  const meter = short.report.meter;
  if (meter !== null) assert.ok(meter.scattered.every(({ probability }) => probability < 1) && (meter.unbrokenBytes ?? Infinity) > whole.report.meter!.unbrokenBytes!);
  const again = triage(device.imagePath, [device.setPath], ['--minutes', '5'], out);
  assert.equal(again.report.timings.resumed, 1);
  assertSameReport(again.report, whole.report);
});

test('nothing known: a screen with blocks may say so with its figures, one with a list of whole files never', () => {
  // A set that knows a file of every length there is, so that no file is ruled out by its length.
  mkdirSync(at('lengths'));
  for (const [n, { path, content }] of holidayTree.entries()) writeFileSync(at('lengths', basename(path)), bytesOf(50 + n, (content as Buffer).length));
  const set = makeBlockSet(at('lengths.kblocks'), at('lengths'));
  const blocks = triage(clean, [set], ['--profile', 'screen']);
  assert.equal(blocks.status, 0, JSON.stringify(blocks.report.reasons));
  const [{ message }] = blocks.report.reasons as [Report['reasons'][number]];
  assert.match(message, /12 left unread by the profile/);
  assert.match(message, /Any unbroken run of [\d.]+ (KiB|MiB) or more of known material would have been met/);
  assert.match(message, /0 of 12 live files checked/);
  assert.ok(blocks.report.meter!.unbrokenBytes! <= 20 * MIB && blocks.report.meter!.scattered.find(({ bytes }) => bytes === 20 * MIB)!.probability >= 0.99);
  const strangers = compileSet(at('strangers.kset'), []);
  for (const sets of [[strangers], [strangers, set]]) {
    const { status, report } = triage(clean, sets, ['--profile', 'screen']);
    assert.equal(status, 20);
    assert.deepEqual(reasonCodes(report), sets.length === 1 ? ['items-left-by-profile', 'screen-without-blocks'] : ['items-left-by-profile']);
    assert.equal(report.reasons[0]!.count, report.coverage.items.skipped['left-by-profile']);
    assert.equal(report.meter === null, sets.length === 1);
  }
  assert.equal(triage(clean, [set, strangers]).status, 0);
});

test('a lone known block in free space is a lead: needs examination, and no file is said to be there', () => {
  const known = readFileSync(at('survey', 'known', 'known-3.bin'));
  const path = makeImage('lead.img', 24 * MIB, (sink) => {
    cleanFat(sink);
    sink.write(known.subarray(5 * BLOCK_BYTES, 6 * BLOCK_BYTES), readFileSync(clean).indexOf(picture(3)) + 10 * MIB);
  });
  const { status, report } = triage(path, [device.setPath]);
  assert.equal(status, 20);
  assert.deepEqual([reasonCodes(report), report.blockHits.map(({ rule, blocksMatched, item }) => [rule, blocksMatched, item])], [['block-leads'], [['lead', 1, null]]]);
});

test('a ZIP of six hundred stored members at any byte: every one is met', () => {
  mkdirSync(at('members'));
  const members = Array.from({ length: 600 }, (_, n) => ({ name: `m${n}.jpg`, content: bytesOf(30_000 + n, 12_000 + n * 3) }));
  for (const { name, content } of members) writeFileSync(at('members', name), content);
  const set = makeBlockSet(at('members.kblocks'), at('members'));
  const zip = writeStoredZip(members, 1);
  const path = makeImage('zip.img', 16 * MIB, (sink) => writeExfatVolume({ sizeBytes: 16 * MIB, clusterSizeBytes: 4096, label: 'CARD', seed: 7, tree: [{ path: 'PICTURES.ZIP', content: zip }], sink }));
  const { report } = triage(path, [set]);
  const met = new Set(report.blockHits.map(({ file }) => file?.sizeBytes));
  assert.deepEqual(members.filter(({ content }) => !met.has(content.length)).map(({ name }) => name), []);
  for (const hit of report.blockHits) assert.equal(hit.rule, 'share', JSON.stringify(hit));
});

test('a locked volume, and sectors that cannot be read: never the third verdict, and the meter tells them', () => {
  const locked = at('locked.img');
  const noise = Buffer.alloc(8 * MIB);
  makeRandom(8).fill(noise);
  noise.write('LUKS\xba\xbe\0\x02', 0, 'latin1');
  writeDisk({ path: locked, scheme: 'mbr', seed: 2, volumes: [{ fileSystem: 'fat', sizeBytes: 24 * MIB, write: cleanFat }, { fileSystem: 'ext', sizeBytes: noise.length, write: (sink) => sink.write(noise, 0) }] });
  const screened = triage(locked, [device.setPath], ['--profile', 'screen', '--until', '4MiB@99%']);
  assert.equal(screened.status, 20);
  assert.ok(reasonCodes(screened.report).includes('encrypted-volume'));
  const sector = (20 * MIB) / 512;
  const image = writeE01({ source: readFileChunks(clean), sizeBytes: 24 * MIB, outBasePath: at('unread'), unreadSectors: [{ startSector: sector, sectors: 4 }] });
  const { status, report } = triage(image.segmentPaths[0]!, [device.setPath]);
  assert.equal(status, 20);
  assert.ok(reasonCodes(report).includes('unreadable-bytes'), JSON.stringify(report.reasons));
  assert.deepEqual(report.coverage.unreadableRanges, [{ offset: 20 * MIB, length: 2048 }]);
  assert.equal(report.meter!.unreadableBytes, 2048);
  assert.ok(report.meter!.scattered.every(({ probability }) => probability < 1), 'certain of what could not be read');
});

test('pictures outside the partition table: as a lost volume where its file system is whole, else the lanes disagree', () => {
  const pictures = Array.from({ length: 24 }, (_, n): CorpusFile => ({ path: `IMG_${n}.JPG`, content: makePicture({ kind: 'jpeg', seed: 400 + n, widthPx: 640, heightPx: 480, grain: 0.6 }) }));
  const known = pictures[7]!.content as Buffer;
  mkdirSync(at('hidden'));
  writeFileSync(at('hidden', 'a.jpg'), known);
  const set = makeBlockSet(at('hidden.kblocks'), at('hidden'));
  const hidden = (name: string, destroy: boolean): string => {
    writeDisk({ path: at(name), scheme: 'mbr', seed: 2, tailBytes: 12 * MIB, volumes: [{ fileSystem: 'fat', sizeBytes: 24 * MIB, write: cleanFat }] });
    const bytes = readFileSync(at(name));
    const image = { write: (piece: Uint8Array, offset: number): void => bytes.set(piece, offset) };
    const start = 26 * MIB;
    writeNtfsVolume({ sizeBytes: 8 * MIB, label: 'HIDDEN', seed: 3, tree: pictures, sink: sinkAt(image, start) });
    if (destroy) bytes.fill(0, start, bytes.indexOf(pictures[0]!.content as Buffer));
    if (destroy) bytes.fill(0, start + 8 * MIB - 512, start + 8 * MIB);
    writeFileSync(at(name), bytes);
    return at(name);
  };
  const lost = triage(hidden('lost.img', false), [set]);
  assert.equal(lost.status, 10);
  assert.deepEqual([lost.report.volumes.length, lost.report.hits.map(({ digests }) => digests['sha1'])], [2, [createHash('sha1').update(known).digest('hex')]]);
  const stranger = compileSet(at('stranger.kset'), []);
  const dark = triage(hidden('dark.img', true), [stranger], ['--profile', 'known']);
  assert.equal(dark.status, 20);
  assert.ok(reasonCodes(dark.report).includes('lanes-disagree'), JSON.stringify([dark.report.reasons, dark.report.thermometer]));
  assert.ok(dark.report.thermometer!.unexplained.some((one) => one.class === 'picture' && one.sampledLow > one.accountedShare));
});

test('a folder and a block set: whole files by their codes, no survey and no promise of one', () => {
  mkdirSync(at('folder', 'deep'), { recursive: true });
  const known = readFileSync(at('survey', 'known', 'known-1.bin'));
  writeFileSync(at('folder', 'deep', 'a.jpg'), known);
  writeFileSync(at('folder', 'part.jpg'), known.subarray(0, 40_960));
  const { status, report } = triage(at('folder'), [device.setPath]);
  assert.equal(status, 10);
  assert.deepEqual(report.hits.map(({ path, strength }) => [path, strength]), [['deep/a.jpg', 'confirmed']]);
  assert.deepEqual([report.blockHits, report.meter, report.thermometer], [[], null, null]);
});
