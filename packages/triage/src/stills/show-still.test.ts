import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makePicture } from '@kerbside/corpus';
import { showStill, type ShownStill, type ShowStillOptions } from './show-still.ts';
import { appendShowing, readShowings, SHOWINGS_NAME } from './showings-log.ts';
import { openStillStore } from './still-store.ts';
import { answeringDecoders, answeringVideoDecoders, makeTestRun, NEAR_SECONDS, openItem, type TestRun } from './test-run.ts';

/** What the sandbox would answer with. */
const ANSWER = makePicture({ kind: 'png', seed: 3, widthPx: 160, heightPx: 106 });

/** Asks for one still; what was shown, and the code of what refused it. */
async function ask(run: TestRun, path: string, change: Partial<ShowStillOptions> = {}): Promise<{ shown: ShownStill[]; code: string | null; asked: number }> {
  using store = openStillStore(run.runFolder, run.home);
  const decoders = answeringDecoders(ANSWER);
  const shown: ShownStill[] = [];
  const options: ShowStillOptions = {
    runFolder: run.runFolder, name: { path, id: null }, mode: 'drawing', officer: 'PC Test', login: 'test', showKnown: false, store, openItem, decoders: () => Promise.resolve(decoders), now: () => new Date(0), ...change,
  };
  try {
    await showStill(options, (one) => shown.push(one));
    return { shown, code: null, asked: decoders.asked };
  } catch (error) {
    return { shown, code: (error as { code?: string }).code ?? String(error), asked: decoders.asked };
  }
}

const events = (run: TestRun): unknown[] => readShowings(run.runFolder).showings.map((one) => [one.event, one.item, one.mode, one.officer]);

describe('showing a still', () => {
  it('makes it once, then takes it from the store; each making and showing is a row', async () => {
    using run = makeTestRun();
    const first = await ask(run, 'new.png');
    assert.deepEqual([first.code, first.asked, first.shown[0]!.from, first.shown[0]!.known.known, first.shown[0]!.isWhole], [null, 1, 'made', false, true]);
    assert.ok(Buffer.from(first.shown[0]!.still.bytes).equals(ANSWER));
    const second = await ask(run, 'new.png', { officer: 'DC Other' });
    assert.deepEqual([second.asked, second.shown[0]!.from], [0, 'store']);
    assert.deepEqual(second.shown[0]!.still.bytes, Buffer.from(ANSWER));
    assert.deepEqual(events(run), [['made', 'new.png', 'drawing', 'PC Test'], ['shown', 'new.png', 'drawing', 'PC Test'], ['shown', 'new.png', 'drawing', 'DC Other']]);
    assert.equal((await ask(run, 'new.png', { mode: 'grey' })).asked, 1, 'another mode is another still');
    assert.equal(readShowings(run.runFolder).intact, true);
  });

  it('refuses known material by path and by content, records that, and shows it when it is asked for', async () => {
    using run = makeTestRun();
    for (const path of ['known.png', 'copy.png']) {
      const refused = await ask(run, path);
      assert.deepEqual([refused.code, refused.shown.length, refused.asked], ['still-known-material', 0, 0]);
    }
    const asked = await ask(run, 'copy.png', { showKnown: true });
    assert.deepEqual([asked.code, asked.shown[0]!.known], [null, { known: true, sets: ['Example list'] }]);
    assert.deepEqual(readShowings(run.runFolder).showings.map((one) => [one.event, one.known, one.showKnown]), [['refused', true, false], ['refused', true, false], ['made', true, true], ['shown', true, true]]);
  });

  it('refuses where a set of the run cannot be asked, since a run that was stopped may not have read the item', async () => {
    using run = makeTestRun([{ name: 'Moved list', meaning: 'alert', blocks: null, path: '/nowhere/list.kset', digest: '00', rowsWith: { md5: 0, sha1: 0, sha256: 1, ed2k: 0 } }]);
    assert.equal((await ask(run, 'new.png')).code, 'still-known-unclear');
    assert.equal((await ask(run, 'new.png', { showKnown: true })).code, null);
    assert.deepEqual(readShowings(run.runFolder).showings.map((one) => one.known), [null, null, null]);
  });

  it('shows nothing that it cannot record, and nothing to nobody', async () => {
    using run = makeTestRun();
    for (const officer of ['', '  ', 'a\nb', 'x'.repeat(201)]) assert.equal((await ask(run, 'new.png', { officer })).code, 'officer-name-needed');
    assert.deepEqual(events(run), []);
    // A folder in the place of the record: it cannot be opened for writing.
    rmSync(join(run.runFolder, SHOWINGS_NAME), { force: true });
    mkdirSync(join(run.runFolder, SHOWINGS_NAME));
    const asked = await ask(run, 'new.png');
    assert.deepEqual([asked.code, asked.shown.length, asked.asked], ['showings-not-writable', 0, 0]);
  });

  it('names a file that is not there, and a run without a report', async () => {
    using run = makeTestRun();
    assert.equal((await ask(run, 'none.png')).code, 'still-item-not-found');
    assert.equal((await ask(run, '../run/report.json')).code, 'still-item-not-found');
    writeFileSync(join(run.runFolder, 'report.json'), '{}');
    assert.equal((await ask(run, 'new.png')).code, 'run-report-unreadable');
  });

  it('of a video: a strip with the frames of near-matches, from the tools, kept and recorded as a still is', async () => {
    using run = makeTestRun();
    const sheet = makePicture({ kind: 'png', seed: 5, widthPx: 324, heightPx: 184 });
    const decoders = answeringVideoDecoders(sheet, 324, 184);
    const profiles: string[] = [];
    const change: Partial<ShowStillOptions> = {
      decoders: (profile) => {
        profiles.push(profile);
        return Promise.resolve(decoders);
      },
    };
    const first = await ask(run, 'clip.mp4', change);
    assert.equal(first.code, null);
    assert.deepEqual([profiles, decoders.requests], [['tools'], [{ task: 'sheet', count: 7, exactSeconds: [...NEAR_SECONDS].sort((a, b) => a - b), longerSidePx: 160, mode: 'drawing', firstBytes: 'ftypisom' }]]);
    const { strip, still, from } = first.shown[0]!;
    assert.deepEqual([strip?.seconds, strip?.columns, still.widthPx, still.heightPx, from], [[1, 3.25, 12.5, 18], 2, 324, 184, 'made']);
    assert.match(strip!.notes.join(' '), /cut off/);
    const second = await ask(run, 'clip.mp4', change);
    assert.deepEqual([decoders.requests.length, second.shown[0]!.from, second.shown[0]!.strip, Buffer.from(second.shown[0]!.still.bytes)], [1, 'store', strip, Buffer.from(sheet)]);
    assert.equal(readFileSync(join(run.runFolder, 'stills.kst')).indexOf(sheet.subarray(40, 72)), -1, 'nothing of it in clear');
    assert.deepEqual(readShowings(run.runFolder).showings.map((one) => [one.event, one.item, one.kind, one.mode]), [['made', 'clip.mp4', 'video', 'drawing'], ['shown', 'clip.mp4', 'video', 'drawing'], ['shown', 'clip.mp4', 'video', 'drawing']]);
  });

  it('refuses a size that no still has before anything is read', async () => {
    using run = makeTestRun();
    for (const longerSidePx of [15, 321, 1.5]) assert.equal((await ask(run, 'nowhere.png', { longerSidePx })).code, 'still-size-unusable');
  });

  for (const [when, expected] of [['before-making', ['made']], ['before-showing', ['made', 'shown']]] as const) {
    it(`a kill ${when.replace('-', ' ')} leaves the record of what was about to happen`, () => {
      using run = makeTestRun();
      const answer = join(run.home, 'answer.png');
      writeFileSync(answer, ANSWER);
      const { signal } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'test-show-and-die.ts'), run.runFolder, run.home, answer, when]);
      assert.equal(signal, 'SIGKILL');
      const { showings, intact } = readShowings(run.runFolder);
      assert.deepEqual([showings.map((one) => one.event), intact], [expected, true]);
    });
  }
});

describe('the record of showings', () => {
  const row = { event: 'shown', at: '2026-05-01T00:00:00.000Z', officer: 'PC Test', login: 'test', item: 'a', contentDigest: 'b', kind: 'picture', mode: 'grey', longerSidePx: 160, known: false, showKnown: false } as const;

  it('tells a line that was changed or taken out, and goes on after one that was cut short', () => {
    using run = makeTestRun();
    const path = join(run.runFolder, SHOWINGS_NAME);
    for (const item of ['a', 'b', 'c']) appendShowing(run.runFolder, { ...row, item });
    assert.deepEqual([readShowings(run.runFolder).showings.map((one) => one.item), readShowings(run.runFolder).intact], [['a', 'b', 'c'], true]);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"item":"b"', '"item":"x"'));
    assert.equal(readShowings(run.runFolder).intact, false);
    writeFileSync(path, text.split('\n').filter((line) => !line.includes('"item":"b"')).join('\n'));
    assert.equal(readShowings(run.runFolder).intact, false);
    writeFileSync(path, text);
    appendFileSync(path, '{"half');
    appendShowing(run.runFolder, { ...row, item: 'd' });
    assert.deepEqual(readShowings(run.runFolder).showings.map((one) => one.item), ['a', 'b', 'c', 'd']);
  });
});
