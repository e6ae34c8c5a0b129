import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateControls, type ControlFindings } from './evaluate-controls.ts';
import { ALL_LANES, BLOCKS, COPY, LIST, LOOKS, LOOKS_ALIKE, nearOn, PERFECT, SPECIMENS } from './test-controls.ts';

/** Name, outcome and reason of everything that is not right. */
function faults(change: Partial<ControlFindings>, sets = [LIST, LOOKS, BLOCKS], whyNotNear: string | null = null): (string | undefined)[][] {
  const markers = evaluateControls(SPECIMENS, sets, { ...PERFECT, ...change }, ALL_LANES, whyNotNear);
  return markers.flatMap(({ name, outcome, reason }) => (outcome === 'ok' ? [] : [reason === undefined ? [name, outcome] : [name, outcome, reason]]));
}

const problemAt = (path: string | null, code: string, message = 'words') => ({ code, message, where: path === null ? {} : { path } });

describe('near-match markers', () => {
  it('an altered copy is found by a near-match of each set asked, at its path, with the row of its original', () => {
    const missed = [[COPY.name, 'missed']];
    assert.deepEqual(faults({}), []);
    assert.deepEqual(faults({ nearHits: [] }), missed);
    assert.deepEqual(faults({ nearHits: [nearOn(COPY, { set: 'another' })] }), missed);
    assert.deepEqual(faults({}, [LIST, BLOCKS]), missed, 'no set answers in the lane');
    assert.deepEqual(faults({}, [LIST, LOOKS, BLOCKS, { ...LOOKS, name: 'more looks' }]), missed);
    assert.deepEqual(faults({ nearHits: [nearOn(COPY, { setDigest: `sha1:${'0a'.repeat(20)}` })] }), [...missed, [`No marker: ${COPY.path}, as a near-match`, 'false-hit']]);
  });

  it('a look-alike that is near is named, and so is the place of any other near-match of an alert set', () => {
    assert.deepEqual(faults({ nearHits: [nearOn(COPY), nearOn({ ...COPY, path: LOOKS_ALIKE.path })] }), [[LOOKS_ALIKE.name, 'false-hit']]);
    assert.deepEqual(faults({ nearHits: [nearOn(COPY), nearOn({ ...COPY, path: 'p1/else.jpg' })] }), [['No marker: p1/else.jpg, as a near-match', 'false-hit']]);
    assert.deepEqual(faults({ nearHits: [nearOn(COPY), nearOn({ ...COPY, path: 'p1/else.jpg' }, { meaning: 'reference' })] }), []);
  });

  it('without a sandbox it was not tried, with the reason; no other fault passes for that', () => {
    const reason = 'the program bwrap is not installed';
    for (const code of ['program-not-installed', 'sandbox-unsound']) {
      const problems = [problemAt(COPY.path, code, reason), problemAt(LOOKS_ALIKE.path, code, reason)];
      assert.deepEqual(faults({ nearHits: [], problems }), [[COPY.name, 'not-tried', reason], [LOOKS_ALIKE.name, 'not-tried', reason]]);
    }
    assert.deepEqual(faults({ nearHits: [], problems: [problemAt(COPY.path, 'decoder-died')] }), [[COPY.name, 'missed']]);
    assert.deepEqual(faults({ problems: [problemAt(LOOKS_ALIKE.path, 'decoder-died')] }), [[LOOKS_ALIKE.name, 'missed']], 'what was not compared proves nothing');
    assert.deepEqual(faults({ nearHits: [], problems: [problemAt('p1/else.jpg', 'sandbox-unsound'), problemAt(null, 'sandbox-unsound')] }), [[COPY.name, 'missed']], 'another item');
  });

  it('left out by the run: not tried, but a false near-match counts all the same', () => {
    const why = 'no set of this run has perceptual hashes';
    assert.deepEqual(faults({ nearHits: [] }, [LIST, BLOCKS], why), [[COPY.name, 'not-tried', why], [LOOKS_ALIKE.name, 'not-tried', why]]);
    assert.deepEqual(faults({ nearHits: [nearOn({ ...COPY, path: LOOKS_ALIKE.path })] }, [LIST, BLOCKS], why), [[COPY.name, 'not-tried', why], [LOOKS_ALIKE.name, 'false-hit']]);
  });
});
