import assert from 'node:assert/strict';
import test from 'node:test';
import type { Progress, ReportHit } from '@kerbside/triage';
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
