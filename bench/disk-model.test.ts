import assert from 'node:assert/strict';
import test from 'node:test';
import { DISK_7200, DiskModel } from './disk-model.ts';

const BLOCK = 4096;

/** Places that look random and are the same each time. */
function places(count: number, sizeBytes: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((((i * 0.754_877_666) % 1) * (sizeBytes - BLOCK)) / BLOCK) * BLOCK);
}

test('reading all of the disk in order takes what its rates say, whatever the pieces', () => {
  const disk = new DiskModel(DISK_7200);
  for (let offset = 0; offset < disk.sizeBytes; offset += 1e9) disk.advance({ offset, length: 1e9 });
  // 1 TB / ((210 − 150) / ln(210 / 150) MB/s) = 93.5 minutes: "about 93 min" in the reference.
  assert.ok(Math.abs(disk.nowMs / 60_000 - 93.47) < 0.05, `${disk.nowMs / 60_000} min`);
});

test('random places take seek, half a turn and a command on average; ascending ones the reference rate', () => {
  const random = new DiskModel(DISK_7200);
  for (const offset of places(4000, random.sizeBytes)) random.advance({ offset, length: BLOCK });
  // Golden-ratio places keep a distance of their own; what matters is the order: 8.5 + 4.2 + 0.8 ms.
  assert.ok(random.nowMs / 4000 > 11 && random.nowMs / 4000 < 15, `${random.nowMs / 4000} ms`);
  const ascending = new DiskModel(DISK_7200);
  for (let i = 0; i < 40_000; i += 1) ascending.advance({ offset: i * 20 * 1024 ** 2, length: BLOCK });
  const perSecond = 40_000 / (ascending.nowMs / 1000);
  assert.ok(Math.abs(perSecond - 166) < 4, `${perSecond} reads a second`);
});

test('a queue makes the same reads sooner, and never later than one after the other', () => {
  const reads = places(4000, DISK_7200.sizeBytes).map((offset) => ({ offset, length: BLOCK }));
  const single = new DiskModel(DISK_7200);
  for (const read of reads) single.advance(read);
  const queued = new DiskModel(DISK_7200);
  queued.advanceQueued(reads, 32);
  assert.ok(queued.nowMs < single.nowMs / 2, `${queued.nowMs} against ${single.nowMs}`);
});

test('reading on, and reading again what was just read, costs no turn of the disk', () => {
  const disk = new DiskModel(DISK_7200);
  disk.advance({ offset: 0, length: 65_536 });
  const before = disk.nowMs;
  disk.advance({ offset: 32_768, length: 65_536 });
  assert.ok(Math.abs(disk.nowMs - before - 32_768 / 210_000) < 0.001, `${disk.nowMs - before} ms for 32 KiB more`);
  const again = disk.nowMs;
  disk.advance({ offset: 65_536, length: 4096 });
  assert.equal(disk.nowMs, again);
});

test('content is where it was planted and zero elsewhere, and reading it moves the clock', () => {
  const fill = (value: number) => (target: Uint8Array, position: number): void => {
    for (let i = 0; i < target.length; i += 1) target[i] = (value + position + i) % 251;
  };
  const disk = new DiskModel(DISK_7200, [
    { offset: 10_000, length: 100, fill: fill(1) },
    { offset: 10_100, length: 50, fill: fill(7) },
  ]);
  const bytes = new Uint8Array(300);
  assert.deepEqual(disk.readInto(bytes, 9_950), []);
  for (let i = 0; i < 300; i += 1) {
    const at = 9_950 + i;
    const expected = at < 10_000 || at >= 10_150 ? 0 : at < 10_100 ? (1 + at - 10_000) % 251 : (7 + at - 10_100) % 251;
    assert.equal(bytes[i], expected, `byte ${at}`);
  }
  assert.ok(disk.nowMs > 0);
  assert.throws(() => disk.readInto(bytes, disk.sizeBytes - 299), { code: 'read-outside-source' });
});
