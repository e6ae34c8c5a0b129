import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { listItems } from './list-items.ts';
import { fakeSet, rowOf } from './test-fakes.ts';
import { createRandom } from './test-random.ts';
import { testDoors, timeless } from './test-run.ts';
import { findLayout } from '@kerbside/evidence';
import { runTriageWith, type RunResult } from './run-with-doors.ts';
import type { KnownSet } from '@kerbside/match';

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** An image of files under DCIM and docs, made by the tools of the system; null when they are missing. */
function makeImage(context: TestContext, kind: 'ext4' | 'FAT32'): { folder: string; imagePath: string; files: Map<string, Buffer> } | null {
  const tools = kind === 'ext4' ? ['mkfs.ext4'] : ['mkfs.vfat', 'mcopy'];
  const missing = tools.filter((tool) => !has(tool));
  if (missing.length > 0) {
    assert.notEqual(process.env['KERBSIDE_REQUIRE_TOOLS'], '1', `missing: ${missing.join(', ')}`);
    context.skip(`not installed: ${missing.join(', ')}`);
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-image-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const tree = join(folder, 'tree');
  const random = createRandom(21);
  const files = new Map<string, Buffer>();
  for (const directory of ['DCIM', 'docs']) {
    mkdirSync(join(tree, directory), { recursive: true });
    for (let index = 0; index < 40; index++) {
      const name = `${directory}/file${index}.${directory === 'DCIM' ? 'jpg' : 'txt'}`;
      files.set(name, random.bytes(1 + random.below(60_000)));
      writeFileSync(join(tree, name), files.get(name)!);
    }
  }
  const imagePath = join(folder, 'device.dd');
  const run = (program: string, ...options: string[]): void => assert.equal(spawnSync(program, options, { cwd: tree }).status, 0, program);
  if (kind === 'ext4') run('mkfs.ext4', '-q', '-d', tree, imagePath, '12M');
  else {
    run('mkfs.vfat', '-C', '-F', '32', '-s', '1', imagePath, String(40 * 1024));
    run('mcopy', '-s', '-i', imagePath, 'DCIM', 'docs', '::');
  }
  return { folder, imagePath, files };
}

function runReal(imagePath: string, outFolder: string, set: KnownSet): Promise<RunResult> {
  const doors = testDoors({ items: [], sets: [set] }, { findLayout });
  return runTriageWith(doors, { sourcePath: imagePath, setPaths: ['0'], outFolder, workers: 2 });
}

for (const kind of ['ext4', 'FAT32'] as const) {
  test(`${kind}: the known files of a real volume are found by path, gated and not, and the source stays as it was`, async (context) => {
    const image = makeImage(context, kind);
    if (image === null) return;
    const before = createHash('sha256').update(readFileSync(image.imagePath)).digest('hex');
    const known = ['DCIM/file3.jpg', 'DCIM/file20.jpg', 'docs/file7.txt'];
    const rows = known.map((name) => rowOf(image.files.get(name)!, ['md5', 'sha1']));
    const gated = await runReal(image.imagePath, join(image.folder, 'gated'), fakeSet('list', 'alert', rows));
    const all = await runReal(image.imagePath, join(image.folder, 'all'), fakeSet('list', 'alert', rows, false));
    for (const { report } of [gated, all]) {
      assert.deepEqual(report.hits.map((hit) => hit.path), known.map((name) => `p1/${name}`).sort());
      assert.equal(report.coverage.items.seen, 80);
      assert.equal(report.volumes[0]!.name, kind);
    }
    assert.equal(all.report.coverage.items.read, 80);
    assert.ok(gated.report.coverage.items.read <= 4);
    assert.ok(gated.report.coverage.bytesRead < all.report.coverage.bytesRead / 5);
    const again = await runReal(image.imagePath, join(image.folder, 'all'), fakeSet('list', 'alert', rows, false));
    assert.equal(timeless(again.report), timeless(all.report));
    assert.equal(createHash('sha256').update(readFileSync(image.imagePath)).digest('hex'), before);
  });

  test(`${kind}: the listing has every file with its digests, in the order of the walk, and a summary last`, async (context) => {
    const image = makeImage(context, kind);
    if (image === null) return;
    const plain: string[] = [];
    await listItems({ sourcePath: image.imagePath, digests: [], onLines: (bytes) => plain.push(...linesOf(bytes)) });
    const lines: string[] = [];
    const summary = await listItems({ sourcePath: image.imagePath, digests: ['md5', 'sha256'], onLines: (bytes) => lines.push(...linesOf(bytes)), workers: 2 });
    const items = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(items.map((item) => item['path']), plain.slice(0, -1).map((line) => (JSON.parse(line) as Record<string, unknown>)['path']));
    for (const [name, content] of image.files) {
      const item = items.find((one) => one['path'] === `p1/${name}`)!;
      assert.equal(item['size'], content.length);
      assert.equal(item['md5'], createHash('md5').update(content).digest('hex'));
      assert.equal(item['sha256'], createHash('sha256').update(content).digest('hex'));
      assert.equal(item['sha1'], undefined);
      assert.deepEqual([item['kind'], item['allocated'], item['fileSystem'], item['volume']], ['file', true, kind, 'p1']);
      assert.match((item['times'] as Record<string, string>)['modified']!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/);
    }
    assert.deepEqual(JSON.parse(lines.at(-1)!), { summary: JSON.parse(JSON.stringify(summary)) as unknown });
    assert.equal(summary.items.files, items.filter((item) => item['kind'] === 'file').length);
    assert.equal(summary.complete, true);
  });
}

test('a folder is read as it stands, links are not followed, and the report holds paths of the folder', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-folder-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'source');
  mkdirSync(join(source, 'deep'), { recursive: true });
  writeFileSync(join(source, 'deep', 'goal.jpg'), 'a goal in the last minute');
  writeFileSync(join(source, 'other.txt'), 'half time');
  assert.equal(existsSync(join(source, 'deep', 'goal.jpg')), true);
  const set = fakeSet('list', 'alert', [rowOf(Buffer.from('a goal in the last minute'), ['sha1'])], false);
  const { report } = await runReal(source, join(folder, 'out'), set);
  assert.deepEqual(report.hits.map((hit) => [hit.path, hit.offset]), [['deep/goal.jpg', -1]]);
  assert.deepEqual([report.coverage.items.seen, report.coverage.items.read, report.coverage.sourceBytes], [2, 2, 34]);
});

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).trimEnd().split('\n');
}
