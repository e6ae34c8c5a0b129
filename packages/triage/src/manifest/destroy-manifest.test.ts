import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completeDestructions, destroyManifest } from './destroy-manifest.ts';
import { DESTRUCTION_LOG_NAME, openDestructionLog, unfinishedDestructions, type DestructionEntry } from './destruction-log.ts';
import { expireManifests, listManifests } from './expire-manifests.ts';
import { openManifest } from './open-manifest.ts';
import { rematchManifests } from './rematch-manifests.ts';
import { destroyerIn, digestOf, makeFolder, NOW, OTHER_UNIT, readItem, testSet, UNIT, writeManifest } from './test-manifests.ts';

const EXPIRED = { expiresAt: NOW.toISOString(), label: 'SMB/9', runId: 'run-9' };

const fileDigest = (path: string): string => hash('sha256', readFileSync(path), 'hex');

test('an expired manifest is destroyed and recorded, never asked; one with a millisecond left is asked', () => {
  using folder = makeFolder();
  const gone = writeManifest(folder.at('gone.kman'), [readItem(1, 5)], EXPIRED);
  const kept = writeManifest(folder.at('kept.kman'), [readItem(1, 5)], { expiresAt: new Date(NOW.getTime() + 1).toISOString() });
  const digest = fileDigest(gone);
  // A second name for the same bytes on the disk, to see what becomes of them.
  linkSync(gone, folder.at('same-bytes'));
  const sizeBytes = statSync(gone).size;
  const home = folder.at('home');
  const set = testSet([{ digests: { md5: digestOf('md5', 1) }, sizeBytes: 5, category: 'A' }]);
  const answers = rematchManifests({ manifestPaths: [gone, kept], sets: [set], keys: [UNIT], now: NOW, destroyer: destroyerIn(home) });
  assert.deepEqual(answers[0], { state: 'destroyed', path: gone, label: 'SMB/9', runId: 'run-9', expiresAt: EXPIRED.expiresAt, fileDigest: digest });
  assert.equal(answers[1]?.state, 'asked');
  assert.deepEqual(readdirSync(folder.path).sort(), ['home', 'kept.kman', 'same-bytes']);
  assert.deepEqual(readFileSync(folder.at('same-bytes')), Buffer.alloc(sizeBytes), 'overwritten before it was removed');
  const entry = { runId: 'run-9', label: 'SMB/9', fileDigest: digest, path: gone, expiresAt: EXPIRED.expiresAt, at: NOW.toISOString(), by: 'officer' };
  assert.deepEqual(openDestructionLog(home).entries, [{ state: 'intent', ...entry }, { state: 'done', ...entry, how: 'overwritten-and-removed' }]);
  assert.equal(statSync(join(home, DESTRUCTION_LOG_NAME)).mode & 0o777, 0o600);
});

test('a manifest of a unit whose key is not here still expires; one that was altered tells no date and stays', () => {
  using folder = makeFolder();
  writeManifest(folder.at('foreign.kman'), [], EXPIRED, OTHER_UNIT);
  mkdirSync(folder.at('run'));
  const altered = writeManifest(folder.at('run/altered.kman'), [readItem(1, 5)], EXPIRED);
  const bytes = readFileSync(altered);
  bytes[70]! ^= 1;
  writeFileSync(altered, bytes);
  writeManifest(folder.at('run/kept.kman'), []);
  const answers = expireManifests(listManifests(folder.path), destroyerIn(folder.path), NOW);
  assert.deepEqual(answers.map((answer) => [answer.path.slice(folder.path.length + 1), answer.state]), [['foreign.kman', 'destroyed'], ['run/altered.kman', 'refused'], ['run/kept.kman', 'kept']]);
  assert.deepEqual(listManifests(folder.path).length, 2);
  assert.throws(() => listManifests(folder.at('none')), { code: 'manifest-folder-not-readable' });
});

test('stopped between intent and done, at any step, the next run completes the destruction and records it once', () => {
  for (const step of ['nothing-yet', 'renamed', 'half-overwritten', 'removed', 'another-manifest-there', 'altered-there'] as const) {
    using folder = makeFolder();
    const path = writeManifest(folder.at('a.kman'), [readItem(1, 5), readItem(2, 6)], EXPIRED);
    const digest = fileDigest(path);
    const condemned = `${path}.${digest.slice(0, 16)}.destroying`;
    const intent: DestructionEntry = { state: 'intent', runId: 'run-9', label: null, fileDigest: digest, path, expiresAt: EXPIRED.expiresAt, at: NOW.toISOString(), by: 'officer' };
    destroyerIn(folder.path).log.append(intent);
    if (step === 'renamed' || step === 'half-overwritten') renameSync(path, condemned);
    if (step === 'half-overwritten') writeFileSync(condemned, Buffer.concat([Buffer.alloc(40), readFileSync(condemned).subarray(40)]));
    if (step === 'removed') renameSync(path, folder.at('elsewhere'));
    if (step === 'another-manifest-there') writeManifest(path, [readItem(3, 7)]);
    if (step === 'altered-there') writeFileSync(path, 'something else');
    const destroyer = destroyerIn(folder.path);
    assert.deepEqual(completeDestructions(destroyer, NOW), [intent], step);
    assert.deepEqual(completeDestructions(destroyer, NOW), [], step);
    assert.deepEqual(unfinishedDestructions(openDestructionLog(folder.path)), [], step);
    const otherThere = step === 'another-manifest-there' || step === 'altered-there';
    assert.equal(existsSync(path), otherThere, step);
    assert.equal(existsSync(condemned), false, step);
    const how = otherThere ? 'another-file-stands-there' : step === 'removed' ? 'already-gone' : 'overwritten-and-removed';
    assert.deepEqual(openDestructionLog(folder.path).entries.map(({ state, how: done }) => [state, done]), [['intent', undefined], ['done', how]], step);
  }
});

test('killed at any moment, no expired manifest is lost from the record and none survives the next run', async () => {
  using folder = makeFolder();
  const home = folder.at('home');
  for (let round = 0; round < 4; round++) {
    const made: string[] = [];
    for (let i = 0; i < 60; i++) made.push(writeManifest(folder.at(`${round}-${i}.kman`), [readItem(i, i)], { ...EXPIRED, runId: `run-${round}-${i}` }));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'test-expire-folder.ts'), folder.path, home], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const end = once(child, 'exit');
    setTimeout(() => child.kill('SIGKILL'), 5 + round * 40);
    await end;
    const destroyer = destroyerIn(home);
    completeDestructions(destroyer, NOW);
    expireManifests(listManifests(folder.path), destroyer, NOW);
    assert.deepEqual(readdirSync(folder.path), ['home']);
    const log = openDestructionLog(home);
    assert.equal(log.intact, true);
    for (const state of ['intent', 'done'] as const) {
      const recorded = log.entries.filter((entry) => entry.state === state && made.includes(entry.path)).map(({ runId }) => runId);
      assert.deepEqual(recorded.toSorted(), Array.from({ length: 60 }, (_, i) => `run-${round}-${i}`).toSorted(), state);
    }
  }
});

test('the record tells when a line was changed or taken out, and takes a half-written line for one', () => {
  using folder = makeFolder();
  const path = folder.at(DESTRUCTION_LOG_NAME);
  for (let i = 0; i < 3; i++) {
    const manifest = openManifest(writeManifest(folder.at(`${i}.kman`), [], EXPIRED));
    destroyManifest(manifest, destroyerIn(folder.path), NOW);
    manifest.close();
  }
  assert.equal(openDestructionLog(folder.path).intact, true);
  const good = readFileSync(path, 'utf8');
  const lines = good.trimEnd().split('\n');
  assert.equal(lines.length, 6);
  for (const changed of [lines.toSpliced(2, 1), lines.with(2, lines[2]!.replace('officer', 'nobody')), lines.slice(1), lines.with(1, '')]) {
    writeFileSync(path, `${changed.join('\n')}\n`);
    assert.equal(openDestructionLog(folder.path).intact, false);
  }
  writeFileSync(path, good + lines[0]!.slice(0, 100));
  const manifest = openManifest(writeManifest(folder.at('4.kman'), [], EXPIRED));
  destroyManifest(manifest, destroyerIn(folder.path), NOW);
  manifest.close();
  const log = openDestructionLog(folder.path);
  assert.deepEqual([log.intact, log.entries.length], [true, 8]);
});

test('without a record nothing is destroyed', () => {
  using folder = makeFolder();
  const path = writeManifest(folder.at('a.kman'), [], EXPIRED);
  writeFileSync(folder.at('file'), '');
  assert.throws(() => expireManifests([path], destroyerIn(folder.at('file/home')), NOW), { code: /^destruction-log-not-(readable|writable)$/ });
  mkdirSync(folder.at('home'));
  mkdirSync(folder.at(`home/${DESTRUCTION_LOG_NAME}`));
  assert.throws(() => openDestructionLog(folder.at('home')), { code: 'destruction-log-not-readable' });
  openManifest(path).close();
});
