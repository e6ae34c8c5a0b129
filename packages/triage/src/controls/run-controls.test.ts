import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { openSource } from '@kerbside/evidence';
import { fakeSet, rowOf } from '../test-fakes.ts';
import { makeDevice, runOnce, testPlace } from '../test-run.ts';
import type { ControlledRun } from '../triage-options.ts';
import { CONTROLS_ABSENT, type ControlResult } from './control-result.ts';
import type { ControlLane, PreparedControls } from './control-specimen.ts';
import { runControls, type ControlRunner } from './run-controls.ts';
import { ALL_LANES, BLOCKS, COPY, hitOn, LIST, LIVE, LOOKS, LOOKS_ALIKE, NOTHING, PERFECT, SPECIMENS } from './test-controls.ts';

function prepared(context: TestContext): PreparedControls {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-controls-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const imagePath = join(folder, 'volume.img');
  writeFileSync(imagePath, 'a small disk');
  const volumeDigest = hash('sha256', 'a small disk');
  return { folder, imagePath, volumeDigest, specimens: SPECIMENS, sets: [LIST, LOOKS, BLOCKS], seals: new Map([[imagePath, volumeDigest]]) };
}

const isAltered = (error: unknown): boolean => error instanceof RefusedError && error.code === 'control-volume-altered';

describe('runControls', () => {
  it('passes a perfect run, and keeps nothing of it', async (context) => {
    const controls = prepared(context);
    let folder = '';
    const result = await runControls(
      controls,
      async ({ sourcePath, setPaths, outFolder, decodesPictures }) => {
        assert.deepEqual([sourcePath, setPaths, decodesPictures], [controls.imagePath, [LIST.path, LOOKS.path, BLOCKS.path], true]);
        folder = outFolder;
        mkdirSync(outFolder);
        return PERFECT;
      },
      ALL_LANES,
    );
    assert.deepEqual([result.state, result.volumeDigest, result.markers.length], ['passed', controls.volumeDigest, SPECIMENS.length]);
    assert.ok(folder !== '' && !existsSync(dirname(folder)));
  });

  it('fails on one miss or one false hit, and says which', async (context) => {
    const controls = prepared(context);
    for (const hits of [PERFECT.hits.slice(1), [...PERFECT.hits, hitOn({ ...LIVE, path: 'p1/other', ranges: [] })]]) {
      const result = await runControls(controls, async () => ({ ...PERFECT, hits }), ALL_LANES);
      assert.equal(result.state, 'failed');
      assert.equal(result.markers.filter(({ outcome }) => outcome !== 'ok').length, 1);
    }
  });

  it('asks only sets that answer in a lane of the run, and fails when nothing is checked', async (context) => {
    const controls = prepared(context);
    const asked: (readonly string[])[] = [];
    const runner: ControlRunner = async ({ setPaths }) => {
      asked.push(setPaths);
      return { ...NOTHING, hits: [hitOn(LIVE)] };
    };
    assert.equal((await runControls(controls, runner, new Set<ControlLane>(['file']))).state, 'passed');
    assert.deepEqual(asked, [[LIST.path]]);
    const { state, markers } = await runControls({ ...controls, specimens: [] }, async () => NOTHING, ALL_LANES);
    assert.deepEqual([state, markers], ['failed', []]);
  });

  it('decodes nothing where the run after it does not, says so of the markers, and passes by the others', async (context) => {
    const controls = prepared(context);
    const runner: ControlRunner = async ({ setPaths, decodesPictures }) => {
      assert.deepEqual([setPaths, decodesPictures], [[LIST.path, BLOCKS.path], false]);
      return { ...PERFECT, nearHits: [] };
    };
    const result = await runControls(controls, runner, ALL_LANES, 'no set of this run has perceptual hashes');
    assert.equal(result.state, 'passed');
    const reason = 'no set of this run has perceptual hashes';
    assert.deepEqual(result.markers.filter(({ outcome }) => outcome !== 'ok'), [
      { name: COPY.name, expected: 'hit', outcome: 'not-tried', reason },
      { name: LOOKS_ALIKE.name, expected: 'no-hit', outcome: 'not-tried', reason },
    ]);
    const onlyNear = { ...controls, specimens: [COPY, LOOKS_ALIKE] };
    assert.equal((await runControls(onlyNear, async () => NOTHING, ALL_LANES, reason)).state, 'failed', 'nothing was tried at all');
  });

  it('refuses an altered volume before anything runs, and leaves no folder when the run breaks off', async (context) => {
    const controls = prepared(context);
    let folder = '';
    const breaking: ControlRunner = async ({ outFolder }) => {
      folder = outFolder;
      throw new RangeError('a fault of ours');
    };
    await assert.rejects(runControls(controls, breaking, ALL_LANES), RangeError);
    assert.equal(existsSync(dirname(folder)), false);
    folder = '';
    writeFileSync(controls.imagePath, 'A small disk');
    await assert.rejects(runControls(controls, breaking, ALL_LANES), isAltered);
    assert.equal(folder, '');
  });
});

describe('a run with controls', () => {
  /** A run over a device with one known file; says which sources were opened. */
  async function examine(context: TestContext, findings: () => Promise<typeof PERFECT>) {
    const device = makeDevice([1000, 2000]);
    const place = testPlace(context, device.bytes);
    const controls = prepared(context);
    const opened: string[] = [];
    const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])])] };
    const doors = { openSource: (path: string) => (opened.push(path), openSource(path)) };
    const run = runOnce(place, setup, { controls: () => runControls(controls, findings, ALL_LANES) }, doors);
    return { run, opened, place, controls };
  }

  it('reads the device after controls that passed', async (context) => {
    const { run, opened, place } = await examine(context, async () => PERFECT);
    const { report } = await run;
    assert.deepEqual([report.verdict, report.controls.state, opened], ['known-material-found', 'passed', [place.imagePath]]);
  });

  it('opens no device after controls that failed, and reports the marker', async (context) => {
    const { run, opened, place } = await examine(context, async () => ({ ...PERFECT, hits: PERFECT.hits.slice(1) }));
    const { report, exitCode } = await run;
    assert.deepEqual(opened, []);
    assert.deepEqual([report.verdict, report.hits.length, report.coverage.bytesRead, exitCode], ['not-finished', 0, 0, 30]);
    assert.ok(report.reasons.some(({ code, message }) => code === 'controls-failed' && message.includes(LIVE.name)), JSON.stringify(report.reasons));
    assert.deepEqual(report.controls.markers.filter(({ outcome }) => outcome !== 'ok'), [{ name: LIVE.name, expected: 'hit', outcome: 'missed' }]);
    assert.ok(existsSync(join(place.outFolder, 'report.html')) && !existsSync(join(place.outFolder, 'run.sqlite')));
  });

  it('is told before whether the run decodes pictures, and why not', async (context) => {
    const device = makeDevice([1000]);
    const place = testPlace(context, device.bytes);
    const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[0]!, ['sha1'])])] };
    const told: (string | null)[] = [];
    const asked: (readonly string[])[] = [];
    for (const [number, options] of ([{}, { profile: 'everything' }, { profile: 'screen' }, { profile: 'everything', decodesMedia: false }] as const).entries()) {
      const controls = async ({ whyNothingIsDecoded }: ControlledRun): Promise<ControlResult> => (told.push(whyNothingIsDecoded), { ...CONTROLS_ABSENT, state: 'failed' });
      await runOnce({ ...place, outFolder: join(place.folder, String(number)) }, setup, { ...options, controls }, { haveNearHashes: (paths) => (asked.push(paths), false) });
    }
    assert.deepEqual(told.map((why) => why !== null), [true, false, true, true]);
    assert.match(told[0]!, /no set of this run has perceptual hashes/);
    assert.deepEqual(asked[0], ['list']);
  });

  it('opens no device when the control files were altered', async (context) => {
    const { run, opened, place, controls } = await examine(context, async () => PERFECT);
    assert.equal((await run).report.controls.state, 'passed');
    writeFileSync(controls.imagePath, 'A small disk');
    opened.length = 0;
    const again = runOnce({ ...place, outFolder: join(place.folder, 'second') }, { items: [], sets: [] }, { controls: () => runControls(controls, async () => PERFECT, ALL_LANES) }, { openSource: (path: string) => (opened.push(path), openSource(path)) });
    await assert.rejects(again, isAltered);
    assert.deepEqual([opened, existsSync(join(place.folder, 'second'))], [[], false]);
  });
});
