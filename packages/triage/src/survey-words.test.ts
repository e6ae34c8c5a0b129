import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CONTROLS_ABSENT } from './controls/control-result.ts';
import type { Meter } from './survey/meter-facts.ts';
import { blockHitCountWords, controlWords, countBlockHits, disagreementWords, headlineScattered, intervalWords, meterSentences, meterWords, ruleWords, shareWords } from './survey-words.ts';

const MIB = 1024 ** 2;
const METER: Meter = { unbrokenBytes: 20 * MIB, scattered: [{ bytes: 5 * MIB, probability: 0.7 }, { bytes: 20 * MIB, probability: 0.992 }, { bytes: 100 * MIB, probability: 1 - 1e-9 }], filesChecked: 48_112, filesTotal: 48_112, systematicReads: 1, jitteredReads: 1, unreadableBytes: 0, indexedShare: 1 };

test('the meter in three sentences and in a line', () => {
  assert.deepEqual(meterSentences(METER), ['Any unbroken run of 20 MiB or more of known material would have been met.', '20 MiB or more, however scattered, would have been met with 99.2 %.', '48,112 of 48,112 live files checked.']);
  assert.equal(meterWords(METER), 'unbroken 20 MiB; 20 MiB scattered 99.2 %; files 48,112 of 48,112');
});

test('what the sets do not index is not promised', () => {
  assert.match(meterSentences({ ...METER, indexedShare: 0.9799 })[0], /would have been met, by the 97 % of its blocks that the sets index\.$/);
});

test('nothing promised, nothing said', () => {
  const nothing: Meter = { ...METER, unbrokenBytes: null, scattered: [], filesChecked: 0 };
  assert.deepEqual(meterSentences(nothing), ['No unbroken run is sure to have been met yet.', 'Nothing is said yet of scattered known material.', '0 of 48,112 live files checked.']);
  assert.equal(meterWords(nothing), 'unbroken –; scattered –; files 0 of 48,112');
});

test('the sentence on scattered material is one of the meter’s own statements, at 99 % where there is one', () => {
  const statement = fc.record({ bytes: fc.integer({ min: 1, max: 2 ** 40 }), probability: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 6 }), (scattered) => {
      const chosen = headlineScattered({ ...METER, scattered });
      if (chosen === null) return assert.equal(scattered.length, 0);
      assert.ok(scattered.includes(chosen));
      assert.equal(chosen.probability >= 0.99, scattered.some((one) => one.probability >= 0.99));
    }),
  );
});

test('block hits: a run and a share say that part of a file is here, a lead says that it does not', () => {
  const file = { number: 1, sizeBytes: 200_000, indexedBlocks: 52 };
  assert.deepEqual(
    [ruleWords({ rule: 'run', blocksMatched: 37, file }), ruleWords({ rule: 'run', blocksMatched: 9, file: null }), ruleWords({ rule: 'share', blocksMatched: 50, file }), ruleWords({ rule: 'lead', blocksMatched: 1, file: null }), ruleWords({ rule: 'lead', blocksMatched: 2, file })],
    [
      'part of a known file is here: 37 of its 52 indexed blocks, in order',
      'part of a known file is here: 9 of its blocks, in order',
      'part of a known file is here: 50 of its 52 indexed blocks',
      'lead: one known block, not enough to say that a file is here',
      'lead: 2 known blocks, not enough to say that a file is here',
    ],
  );
  assert.equal(blockHitCountWords(countBlockHits([{ rule: 'run', isOfWholeHit: false }, { rule: 'lead', isOfWholeHit: false }, { rule: 'lead', isOfWholeHit: false }])), '1 part of a known file, 2 leads');
  assert.equal(blockHitCountWords(countBlockHits([])), 'none');
});

test('controls: passed with figures; failed names each marker', () => {
  const markers = [{ name: 'FAT32, live', expected: 'hit', outcome: 'ok' }, { name: 'look-alike', expected: 'no-hit', outcome: 'ok' }] as const;
  assert.equal(controlWords({ state: 'passed', volumeDigest: '', elapsedMs: 1240, markers }), 'passed (2 markers, 1.2 s)');
  assert.equal(controlWords({ state: 'failed', volumeDigest: '', elapsedMs: 1, markers: [{ ...markers[0], outcome: 'missed' }, { ...markers[1], outcome: 'false-hit' }] }), 'FAILED, instrument not fit: FAT32, live (missed); look-alike (hit falsely)');
  const notTried = ['smaller copy', 'mirrored copy'].map((name) => ({ name, expected: 'hit', outcome: 'not-tried', reason: 'bwrap is not installed' }) as const);
  assert.equal(controlWords({ state: 'passed', volumeDigest: '', elapsedMs: 1240, markers: [...markers, ...notTried] }), 'passed (2 markers, 1.2 s); 2 not tried: bwrap is not installed');
  assert.equal(controlWords({ state: 'failed', volumeDigest: '', elapsedMs: 1, markers: [{ ...markers[0], outcome: 'missed' }, ...notTried] }), 'FAILED, instrument not fit: FAT32, live (missed); 2 not tried: bwrap is not installed');
  assert.equal(controlWords(CONTROLS_ABSENT), 'not run');
});

test('shares with their intervals, rounded outwards', () => {
  const share = { class: 'picture', reads: 989, share: 0.41, low: 0.3904, high: 0.4298 } as const;
  assert.equal(shareWords(share, 2412, true), 'pictures 41 % (39–43)');
  assert.equal(intervalWords(share), '39 % to 43 %');
  assert.equal(shareWords({ class: 'video', reads: 0, share: 0, low: 0, high: 0.0016 }, 2412, false), 'video 0 %');
  assert.equal(disagreementWords({ class: 'high-entropy', sampledLow: 0.0799, accountedShare: 0.0041 }), 'More random-looking data than the file systems account for: at least 7.9 % of the sample, 0.5 % in files.');
});
