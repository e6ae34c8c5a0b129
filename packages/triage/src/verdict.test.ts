import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noCounts } from './content/content-counts.ts';
import type { ItemCounts } from './coverage.ts';
import { computeVerdict, type VerdictInput } from './verdict.ts';

function counts(change: Partial<ItemCounts> = {}): ItemCounts {
  return { seen: 10, read: 6, gated: 3, skippedByPlan: 1, problems: 0, skipped: { 'no-runs': 1, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 }, directories: 2, others: 0, ...change };
}

/** A finished run with nothing wrong and nothing found. */
function spotless(change: Partial<VerdictInput> = {}): VerdictInput {
  return {
    state: 'finished',
    sets: 1,
    isScreen: false,
    leftWithoutBlocks: 0,
    hits: [],
    problems: [],
    items: counts(),
    unreadableBytes: 0,
    volumes: [{ id: 'p1', state: 'file-system', name: 'NTFS', intact: true, appears: 'data' }],
    gaps: [],
    unfinishedStages: [],
    controls: { state: 'passed', failedMarkers: [] },
    blockHits: [],
    disagreements: [],
    similar: 0,
    content: null,
    meter: null,
    ...change,
  };
}

const METER = { unbrokenBytes: 20 * 1024 ** 2, scattered: { bytes: 20 * 1024 ** 2, probability: 0.98996 }, indexedShare: 1, filesChecked: 3, filesTotal: 10 };

function leftByProfile(): ItemCounts {
  return counts({ read: 0, skippedByPlan: 7, skipped: { ...counts().skipped, 'left-by-profile': 6 } });
}

test('nothing known found says what was opened, and what was not', () => {
  const content = { ...noCounts(), itemsNotLookedInto: { 'left-by-profile': 5 }, members: { ...noCounts().members, seen: 3, read: 1, gated: 2 }, containers: { seen: 1, opened: 1, problems: 0 }, pictures: { ...noCounts().pictures, seen: 4, notAsked: 4 } };
  const { verdict, reasons } = computeVerdict(spotless({ content }));
  assert.equal(verdict, 'nothing-known-found');
  assert.match(reasons[0]!.message, /Inside 1 container: 1 file looked up, 2 of a length that no set holds\. 5 items were not looked into: .*\. 4 pictures or videos were not decoded\./);
});

test('a screen that reached its target says what it promises, and never more', () => {
  const { verdict, reasons } = computeVerdict(spotless({ items: leftByProfile(), meter: METER }));
  assert.equal(verdict, 'nothing-known-found');
  assert.match(reasons[0]!.message, /6 left unread by the profile\. Any unbroken run of 20 MiB or more of known material would have been met\. 20 MiB or more, however scattered, would have been met with 98\.9 %\. 3 of 10 live files checked\.$/);
});

test('what no set indexes is not promised', () => {
  const { reasons } = computeVerdict(spotless({ items: leftByProfile(), meter: { ...METER, indexedShare: 0.9399 } }));
  assert.match(reasons[0]!.message, /would have been met, by the 93 % of its blocks that the sets index\. 20 MiB or more/);
});

test('what holds of long files for more only is said so', () => {
  const { reasons } = computeVerdict(spotless({ items: leftByProfile(), meter: { ...METER, longFiles: { aboveBytes: 32 * 1024 ** 2, timesAsMuch: 7.6 } } }));
  assert.match(reasons[0]!.message, /met with 98\.9 %; of files over 32 MiB, 7\.6 times as much\. /);
});

test('known blocks by a rule are known material, whatever else is in doubt', () => {
  for (const rule of ['run', 'share'] as const) {
    const { verdict, reasons } = computeVerdict(spotless({ blockHits: [{ rule }, { rule: 'lead' }], unreadableBytes: 512 }));
    assert.equal(verdict, 'known-material-found');
    assert.deepEqual(reasons.map(({ code }) => code), ['known-blocks', 'unreadable-bytes', 'block-leads']);
  }
});

test('failed controls stand first and name their markers', () => {
  const { verdict, reasons } = computeVerdict(spotless({ state: 'stopped', unfinishedStages: ['catalogue'], controls: { state: 'failed', failedMarkers: ['live on FAT: missed'] } }));
  assert.equal(verdict, 'not-finished');
  assert.match(reasons.find(({ code }) => code === 'controls-failed')!.message, /Instrument not fit.*live on FAT: missed/);
});

test('a finished run without hits, problems or doubts is nothing known found, with its figures', () => {
  const { verdict, reasons } = computeVerdict(spotless());
  assert.equal(verdict, 'nothing-known-found');
  assert.match(reasons[0]!.message, /6 items read, 3 of a length that no set holds, 1 with nothing to read/);
});

test('a reserved partition that was read whole and holds only zeros is no doubt', () => {
  const reserved = { id: 'p2', state: 'unrecognised', name: '', intact: true, appears: 'empty' } as const;
  assert.equal(computeVerdict(spotless({ volumes: [...spotless().volumes, reserved] })).verdict, 'nothing-known-found');
});

test('each kind of doubt alone turns the third verdict away', () => {
  const appears = ['empty', 'sampled-empty', 'data', 'high-entropy', 'unreadable'] as const;
  const doubts: [string, Partial<VerdictInput>, string][] = [
    ['problem', { problems: [{ code: 'x', kind: 'malformed', count: 1 }] }, 'problems'],
    ['limit', { problems: [{ code: 'too-many', kind: 'limit', count: 1 }] }, 'problems'],
    ['item problem', { items: counts({ read: 5, problems: 1 }) }, 'items-with-problems'],
    ['unreadable bytes', { unreadableBytes: 512 }, 'unreadable-bytes'],
    ['encrypted', { volumes: [{ id: 'p2', state: 'encrypted', name: 'BitLocker', intact: true, appears: 'data' }] }, 'encrypted-volume'],
    ['unsupported', { volumes: [{ id: 'p2', state: 'unsupported', name: 'XFS', intact: true, appears: 'data' }] }, 'unsupported-volume'],
    ...appears.slice(1).map((one): [string, Partial<VerdictInput>, string] => [`unrecognised ${one}`, { volumes: [{ id: 'p2', state: 'unrecognised', name: '', intact: true, appears: one }] }, 'unrecognised-volume']),
    ['backup', { volumes: [{ id: 'p1', state: 'file-system', name: 'ext4', intact: false, appears: 'data' }] }, 'damaged-file-system'],
    ['large gap', { gaps: [{ lengthBytes: 1e9, appears: 'data' }] }, 'unread-gap'],
    ['small gap', { gaps: [{ lengthBytes: 512, appears: 'data' }] }, 'unread-gap'],
    ['sampled gap', { gaps: [{ lengthBytes: 1e12, appears: 'sampled-empty' }] }, 'unread-gap'],
    ['secret gap', { gaps: [{ lengthBytes: 512, appears: 'high-entropy' }] }, 'unread-gap'],
    ['uncounted', { items: counts({ seen: 11 }) }, 'counts-disagree'],
    ['no sets', { sets: 0 }, 'no-sets'],
    ['no items', { items: counts({ seen: 0, read: 0, gated: 0, skippedByPlan: 0, skipped: { 'no-runs': 0, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 } }) }, 'no-items'],
    ['controls', { controls: { state: 'failed', failedMarkers: ['live on FAT: missed'] } }, 'controls-failed'],
    ['a lone block', { blockHits: [{ rule: 'lead' }] }, 'block-leads'],
    ['lanes', { disagreements: [{ class: 'picture', sampledLow: 0.4, accountedShare: 0.1 }] }, 'lanes-disagree'],
    ['files left by a screen without a survey', { items: leftByProfile() }, 'items-left-by-profile'],
    ['a screen without a survey that left no live file', { isScreen: true }, 'screen-without-blocks'],
    ['a screen whose survey promises nothing', { isScreen: true, meter: { ...METER, unbrokenBytes: null } }, 'screen-without-blocks'],
    ['files left by a screen that no block can tell of', { items: leftByProfile(), leftWithoutBlocks: 2, meter: METER }, 'items-left-by-profile'],
    ['collision', { hits: [{ meaning: 'alert', strength: 'contradicted' }] }, 'digests-disagree'],
  ];
  for (const [name, change, code] of doubts) {
    const { verdict, reasons } = computeVerdict(spotless(change));
    assert.equal(verdict, 'needs-examination', name);
    assert.ok(reasons.some((reason) => reason.code === code), `${name}: ${JSON.stringify(reasons)}`);
  }
});

test('gaps that were read whole and are empty raise no doubt', () => {
  const gaps = [
    { lengthBytes: 1024, appears: 'empty' },
    { lengthBytes: 64e6, appears: 'empty' },
  ] as const;
  assert.equal(computeVerdict(spotless({ gaps })).verdict, 'nothing-known-found');
});

test('known material outranks problems, and the problems stay listed', () => {
  const { verdict, reasons } = computeVerdict(spotless({ hits: [{ meaning: 'alert', strength: 'confirmed' }], problems: [{ code: 'x', kind: 'medium', count: 3 }] }));
  assert.equal(verdict, 'known-material-found');
  assert.deepEqual(reasons.map((reason) => reason.code), ['known-material', 'problems']);
});

test('a stopped run says so, with and without hits', () => {
  const stopped = spotless({ state: 'stopped' });
  assert.equal(computeVerdict(stopped).verdict, 'not-finished');
  const found = computeVerdict({ ...stopped, hits: [{ meaning: 'alert', strength: 'weak-only' }] });
  assert.equal(found.verdict, 'known-material-found');
  assert.deepEqual(found.reasons.map((reason) => reason.code), ['known-material-weak-digest', 'not-finished']);
});

test('ignorable and reference hits never make known material found', () => {
  for (const meaning of ['ignorable', 'reference'] as const) {
    assert.equal(computeVerdict(spotless({ hits: [{ meaning, strength: 'confirmed' }] })).verdict, 'nothing-known-found');
  }
});

const appearsLike = fc.constantFrom('empty', 'empty', 'empty', 'sampled-empty', 'data', 'high-entropy', 'unreadable');
const small = fc.constantFrom(0, 0, 0, 1, 2);
const anyItems: fc.Arbitrary<ItemCounts> = fc.record({
  seen: small,
  read: small,
  gated: small,
  skippedByPlan: small,
  problems: small,
  skipped: fc.record({ 'no-runs': small, empty: small, 'not-content': small, 'nothing-stored': small, 'left-by-profile': small, 'not-reached': small }),
  directories: small,
  others: small,
});
const addingUp: fc.Arbitrary<ItemCounts> = anyItems.map((items) => {
  const skippedByPlan = Object.values(items.skipped).reduce((sum, count) => sum + count, 0);
  return { ...items, skippedByPlan, seen: items.read + items.gated + skippedByPlan + items.problems };
});
const anyInput: fc.Arbitrary<VerdictInput> = fc.record({
  state: fc.constantFrom('finished', 'finished', 'stopped'),
  sets: fc.nat({ max: 2 }),
  hits: fc.array(fc.record({ meaning: fc.constantFrom('alert', 'ignorable', 'reference'), strength: fc.constantFrom('confirmed', 'weak-only', 'contradicted') }), { maxLength: 2 }),
  problems: fc.array(fc.record({ code: fc.constant('any'), kind: fc.constantFrom('malformed', 'limit', 'medium'), count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 1 }),
  items: fc.oneof(addingUp, anyItems),
  unreadableBytes: fc.constantFrom(0, 0, 512),
  volumes: fc.array(
    fc.record({ id: fc.constant('p1'), state: fc.constantFrom('file-system', 'file-system', 'file-system', 'file-system', 'encrypted', 'unsupported', 'unrecognised'), name: fc.constantFrom('', 'X'), intact: fc.constantFrom(true, true, true, false), appears: appearsLike }),
    { maxLength: 2 },
  ),
  gaps: fc.array(fc.record({ lengthBytes: fc.constantFrom(512, 1e9), appears: appearsLike }), { maxLength: 2 }),
  unfinishedStages: fc.constantFrom([], [], ['content']),
  isScreen: fc.constantFrom(false, false, false, true),
  leftWithoutBlocks: fc.nat({ max: 1 }),
  controls: fc.record({ state: fc.constantFrom('absent', 'absent', 'passed', 'failed'), failedMarkers: fc.constant(['x']) }),
  blockHits: fc.constantFrom<VerdictInput['blockHits']>([], [], [], [], [{ rule: 'run' }], [{ rule: 'share' }], [{ rule: 'lead' }]),
  disagreements: fc.constantFrom<VerdictInput['disagreements']>([], [], [], [{ class: 'picture', sampledLow: 0.5, accountedShare: 0 }]),
  similar: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
  content: fc.constantFrom<VerdictInput['content']>(null, null, null, noCounts(), noCounts(), { ...noCounts(), members: { ...noCounts().members, seen: 1 } }),
  meter: fc.constantFrom(null, METER, { ...METER, unbrokenBytes: null }),
});

test('no input with anything unread, failed, encrypted, over a limit, unrecognised or uncounted gives nothing known found', () => {
  let reached = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const { verdict, reasons } = computeVerdict(input);
      assert.ok(reasons.length > 0);
      if (verdict !== 'nothing-known-found') return;
      reached += 1;
      assert.equal(input.state, 'finished');
      assert.equal(input.unfinishedStages.length, 0);
      assert.equal(input.problems.length, 0);
      assert.equal(input.unreadableBytes, 0);
      assert.equal(input.similar, 0);
      assert.ok(input.content === null || input.content.members.seen === 0);
      assert.ok(input.sets > 0 && input.items.seen > 0 && input.controls.state !== 'failed');
      const { seen, read, gated, skippedByPlan, problems, skipped } = input.items;
      assert.equal(problems + skipped['not-reached'], 0);
      assert.equal(seen, read + gated + skippedByPlan);
      assert.equal(skippedByPlan, skipped['no-runs'] + skipped.empty + skipped['not-content'] + skipped['nothing-stored'] + skipped['left-by-profile']);
      assert.ok(skipped['left-by-profile'] === 0 || (input.leftWithoutBlocks === 0 && input.meter !== null && input.meter.unbrokenBytes !== null));
      assert.ok(!input.isScreen || (input.meter !== null && input.meter.unbrokenBytes !== null));
      assert.equal(input.blockHits.length + input.disagreements.length, 0);
      assert.ok(input.hits.every((hit) => hit.meaning !== 'alert'));
      assert.ok(input.volumes.every((volume) => (volume.state === 'file-system' && volume.intact) || (volume.state === 'unrecognised' && volume.appears === 'empty')));
      assert.ok(input.gaps.every((gap) => gap.appears === 'empty'));
    }),
    { numRuns: 200_000, seed: 11 },
  );
  assert.ok(reached > 50, `the property was exercised only ${reached} times`);
});

test('known material found if and only if an alert hit that nothing contradicts, or known blocks by a rule', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const found = input.hits.some((hit) => hit.meaning === 'alert' && hit.strength !== 'contradicted') || input.blockHits.some(({ rule }) => rule !== 'lead');
      assert.equal(computeVerdict(input).verdict === 'known-material-found', found);
    }),
    { numRuns: 3000, seed: 12 },
  );
});
