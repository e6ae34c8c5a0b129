import assert from 'node:assert/strict';
import test from 'node:test';
import { CONTENT_CLASSES, type BlockHit, type Meter, type Progress, type ReportHit, type Thermometer } from '@kerbside/triage';
import { contentWords } from './content-words.ts';
import { columnsOf } from './fit-to-width.ts';
import { composeView, createTerminalView, noteEvent, startSeen } from './terminal-view.ts';

const PROGRESS: Progress = {
  stage: 'content', elapsedMs: 41_000, reading: `p1/${'a long folder/'.repeat(20)}bridge.jpg`, itemsSeen: 12_345, itemsPlanned: 9000, itemsDone: 3000, bytesPlanned: 8e9, bytesDone: 3e9,
  share: 0.375, timeLeftMs: { low: 80_000, high: 120_000 }, hits: 2, problems: 1,
};

const HIT: ReportHit = {
  path: `p1/${'folder/'.repeat(30)}猫の写真.jpg`, size: 1, allocated: true, state: 'allocated', id: '1', set: 'Example \u001b[2Jlist', meaning: 'alert', category: 'A', categoryBasis: 'trusted', rawCategory: '1',
  algorithm: 'sha1', digest: '', offset: 0, digests: {}, confirmedBy: ['sha1'], contradictedBy: [], strength: 'confirmed', view: 'system', recovery: null, sizeAgrees: true,
};

const METER: Meter = { unbrokenBytes: 1.36 * 1024 ** 3, scattered: [{ bytes: 20 * 1024 ** 2, probability: 0.98999 }], filesChecked: 1_448_112, filesTotal: 1_448_113, systematicReads: 9, jitteredReads: 9, unreadableBytes: 0, indexedShare: 1 };

const SHARES = { picture: 0.41, video: 0.12, document: 0.05, compressed: 0.03, 'high-entropy': 0.08, empty: 0.308, other: 0.002 };
const THERMOMETER: Thermometer = { reads: 1000, unreadable: 0, shares: CONTENT_CLASSES.map((one) => ({ class: one, reads: SHARES[one] * 1000, share: SHARES[one], low: SHARES[one] * 0.93, high: SHARES[one] * 1.07 })), unexplained: [] };

const BLOCK_HIT: BlockHit = { set: 'Example blocks', category: 'A', rule: 'run', ranges: [{ offset: 0, length: 4096 }], blocksMatched: 37, file: { number: 1, sizeBytes: 200_000, indexedBlocks: 52 }, volume: 'p1', item: `p1/${'folder/'.repeat(30)}goal.jpg`, isOfWholeHit: false };

function seenSomething(): ReturnType<typeof startSeen> {
  const seen = startSeen();
  noteEvent(seen, { type: 'source', source: { kind: 'block-device', path: '/dev/sdb', sizeBytes: 64e9, sectorSizeBytes: 512, details: [] }, resumed: true });
  noteEvent(seen, { type: 'progress', progress: PROGRESS });
  for (let count = 0; count < 8; count++) noteEvent(seen, { type: 'hit', hit: { ...HIT, path: `${HIT.path}${count}` }, elapsedMs: 2000 });
  noteEvent(seen, { type: 'problem', problem: { kind: 'medium', code: 'medium-read-failed', message: 'the medium failed to read\nhere', where: {} } });
  return seen;
}

test('every line fits its columns whatever the names are, and none steers the terminal', () => {
  for (const columns of [40, 79, 200]) {
    const lines = composeView(seenSomething(), columns);
    for (const line of lines) {
      assert.ok(columnsOf(line) <= columns, line);
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/);
    }
  }
});

test('the answer so far stands first; hits are counted by category; five are listed', () => {
  const lines = composeView(seenSomething(), 79);
  assert.match(lines[0]!, /^■ KNOWN MATERIAL FOUND +reading goes on$/);
  assert.match(lines[1]!, /\/dev\/sdb +64\.0 GB, block-device, taken up again/);
  assert.match(lines[2]!, /^\[#{9}-{15}\] +37 % +00:41 +1 min 20 s to 2 min 00 s left$/);
  assert.ok(lines.some((line) => /^Hits +8 \(alert: 8 A\) +Problems +1$/.test(line)));
  assert.equal(lines.filter((line) => line.includes('category A (trusted)')).length, 5);
});

test('a low terminal gets no more lines than it has', () => {
  let written = '';
  const view = createTerminalView({ columns: 80, rows: 8, inColour: false, write: (text) => (written += text) });
  for (let count = 0; count < 8; count++) view.onEvent({ type: 'hit', hit: HIT, elapsedMs: 0 });
  view.onEvent({ type: 'progress', progress: PROGRESS });
  written = '';
  view.stopping();
  assert.equal(written.split('\n').length, 8, 'seven lines and the cursor');
});

test('when the run has ended, the view makes room for the summary', () => {
  const seen = seenSomething();
  seen.state = 'ended';
  assert.deepEqual(composeView(seen, 79).map((line) => line.split(' ')[0]), ['Kerbside', 'Ended']);
});

test('survey, content, controls and known blocks have a line each, and all fit 80 columns', () => {
  const seen = startSeen();
  noteEvent(seen, { type: 'controls', controls: { state: 'passed', volumeDigest: '', elapsedMs: 1240, markers: Array.from({ length: 14 }, (_, n) => ({ name: `marker ${n}`, expected: 'hit', outcome: 'ok' })) } });
  noteEvent(seen, { type: 'progress', progress: { ...PROGRESS, stage: 'survey', reading: '' } });
  noteEvent(seen, { type: 'meter', meter: METER });
  noteEvent(seen, { type: 'thermometer', thermometer: THERMOMETER });
  noteEvent(seen, { type: 'block-hit', hit: { ...BLOCK_HIT, rule: 'lead' }, elapsedMs: 3000 });
  assert.doesNotMatch(composeView(seen, 79).join('\n'), /KNOWN MATERIAL/, 'a lead is no finding');
  for (let count = 0; count < 5; count++) noteEvent(seen, { type: 'block-hit', hit: count === 0 ? { ...BLOCK_HIT, item: null } : BLOCK_HIT, elapsedMs: 4000 });
  for (const columns of [40, 79]) for (const line of composeView(seen, columns)) assert.ok(columnsOf(line) <= columns, line);
  const lines = composeView(seen, 79);
  assert.match(lines[0]!, /^■ KNOWN MATERIAL FOUND/);
  for (const line of [
    'Controls  passed (14 markers, 1.2 s)',
    'Meter     unbroken 1.36 GiB; 20 MiB scattered 98.9 %; files 1,448,112 of',
    '          1,448,113',
    'Content   pictures 41 % (38–44), empty 31 %, video 12 %, …',
    'Blocks    5 parts of known files, 1 lead',
    '  00:04  p1, in no listed file',
    '         Example blocks: part of a known file is here: 37 of its 52 indexed',
    '          blocks, in order',
  ]) assert.ok(lines.includes(line), `${line}\n\n${lines.join('\n')}`);
});

test('the content line names the largest first, as many as fit, and leaves the smallest out', () => {
  assert.equal(contentWords(THERMOMETER, Infinity), 'pictures 41 % (38–44), empty 31 %, video 12 %, random-looking 8.0 % (7.4–8.6), documents 5.0 %, compressed 3.0 %');
  assert.equal(contentWords({ ...THERMOMETER, reads: 0, shares: [] }, 60), 'nothing sampled yet');
});
