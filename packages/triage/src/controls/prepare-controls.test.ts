import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { prepareControls, type ControlMakers } from './prepare-controls.ts';
import { checkSeals } from './seal.ts';
import { SPECIMENS } from './test-controls.ts';

const VOLUME = 'a small disk';
const SPECIMENS_TEXT = JSON.stringify(SPECIMENS);

interface Counts {
  files: number;
  sets: number;
}

function makers(counts: Counts, change: Partial<ControlMakers> = {}): ControlMakers {
  return {
    seals: { 'volume.img': hash('sha256', VOLUME), 'specimens.json': hash('sha256', SPECIMENS_TEXT) },
    volumeName: 'volume.img',
    specimensName: 'specimens.json',
    makeFiles(folder) {
      counts.files += 1;
      writeFileSync(join(folder, 'volume.img'), VOLUME);
      writeFileSync(join(folder, 'specimens.json'), SPECIMENS_TEXT);
    },
    sets: [
      {
        name: 'list',
        fileName: 'list-1.kset',
        answers: ['file'],
        async build(folder, out) {
          counts.sets += 1;
          await new Promise((resolve) => setImmediate(resolve));
          writeFileSync(out, `set number ${counts.sets} of ${readFileSync(join(folder, 'volume.img'), 'utf8')}`);
        },
      },
    ],
    ...change,
  };
}

function home(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-home-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'home');
}

const refusal = (code: string) => (error: unknown) => error instanceof RefusedError && error.code === code;

describe('prepareControls', () => {
  it('makes files and sets on first use, and never again', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const first = await prepareControls(place, makers(counts));
    assert.deepEqual(await prepareControls(place, makers(counts)), first);
    assert.deepEqual(counts, { files: 1, sets: 1 });
    assert.deepEqual(first.specimens, SPECIMENS);
    assert.equal(first.volumeDigest, hash('sha256', VOLUME));
    assert.deepEqual(first.sets.map(({ name, answers }) => [name, answers]), [['list', ['file']]]);
    assert.equal(first.seals.size, 3);
    checkSeals(first.seals, first.folder);
  });

  it('lets two at once make the same, and leaves nothing half made', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const all = await Promise.all(Array.from({ length: 4 }, () => prepareControls(place, makers(counts))));
    for (const one of all) {
      assert.deepEqual(one, all[0]);
      checkSeals(one.seals, one.folder);
    }
    assert.deepEqual(readdirSync(place), [all[0]!.folder.split('/').at(-1)]);
    assert.ok(readdirSync(all[0]!.folder).every((name) => !name.includes('.half-')));
  });

  it('goes on where a killed program left off', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const { folder, sets } = await prepareControls(place, makers(counts));
    rmSync(join(sets[0]!.path, '..'), { recursive: true });
    const abandoned = [`${folder}.half-old`, `${folder}.half-new`];
    for (const path of abandoned) mkdirSync(path);
    utimesSync(abandoned[0]!, 1, 1);
    const again = await prepareControls(place, makers(counts));
    assert.deepEqual(counts, { files: 1, sets: 2 });
    checkSeals(again.seals, again.folder);
    rmSync(folder, { recursive: true });
    await prepareControls(place, makers(counts));
    assert.deepEqual(abandoned.map((path) => existsSync(path)), [false, true], 'only what is old: another program may be at the new one');
  });

  it('makes another folder for other files, and another set for another format', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const first = await prepareControls(place, makers(counts));
    const other = await prepareControls(place, { ...makers(counts), seals: { ...makers(counts).seals, 'list.csv': 'x' }, sets: [], makeFiles: makers(counts).makeFiles });
    assert.notEqual(other.folder, first.folder);
    const [set] = makers(counts).sets;
    await prepareControls(place, makers(counts, { sets: [{ ...set!, fileName: 'list-2.kset' }] }));
    assert.equal(counts.sets, 2);
  });

  it('refuses files that are not what was sealed, and does not mend them', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const made = await prepareControls(place, makers(counts));
    writeFileSync(join(made.folder, 'specimens.json'), '[]');
    await assert.rejects(prepareControls(place, makers(counts)), refusal('control-volume-altered'));
    assert.equal(counts.files, 1);
    await assert.rejects(prepareControls(home(context), makers(counts, { makeFiles: (folder) => writeFileSync(join(folder, 'volume.img'), 'other') })), refusal('control-volume-altered'));
  });

  it('builds no set from files that changed', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const made = await prepareControls(place, makers(counts));
    rmSync(join(made.sets[0]!.path, '..'), { recursive: true });
    writeFileSync(made.imagePath, 'another disk');
    await assert.rejects(prepareControls(place, makers(counts)), refusal('control-volume-altered'));
    assert.equal(counts.sets, 1);
  });

  it('refuses a set whose seal is gone, and says where it cannot write', async (context) => {
    const counts = { files: 0, sets: 0 };
    const place = home(context);
    const made = await prepareControls(place, makers(counts));
    rmSync(`${made.sets[0]!.path}.sha256`);
    await assert.rejects(prepareControls(place, makers(counts)), refusal('control-volume-altered'));
    writeFileSync(join(place, 'file'), '');
    await assert.rejects(prepareControls(join(place, 'file', 'home'), makers(counts)), refusal('controls-not-writable'));
  });
});
