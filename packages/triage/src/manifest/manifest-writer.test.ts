import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyedCode } from '@kerbside/bytes';
import { codeKeyId, exportSetKey } from '@kerbside/ledger';
import { CODE_KIND_PURPOSES, CODE_KINDS, createItemEncoder, kindsOfRecord, sizeOfRecord, stateOfRecord, type ManifestItem } from './item-record.ts';
import { createManifestWriter, manifestCodeKeys } from './manifest-writer.ts';
import { openManifest } from './open-manifest.ts';
import { digestOf, factsOf, makeFolder, OTHER_UNIT, readItem, UNIT } from './test-manifests.ts';

const KEYS = { unit: UNIT, setCodeKeys: [OTHER_UNIT.codeKey!, UNIT.codeKey!] };

const ITEMS: readonly ManifestItem[] = [
  readItem(1, 5000),
  readItem(2, 5000, ['sha1']),
  readItem(3, 2 ** 40 + 7),
  { sizeBytes: 300, state: 'gated' },
  { sizeBytes: 12, state: 'problem' },
  { sizeBytes: 12, state: 'unread' },
  readItem(4, 0, []),
  readItem(1, 5000),
];

/** Every record of a manifest as an object. */
function itemsOf(path: string): unknown[] {
  const manifest = openManifest(path);
  const { shape, header } = manifest;
  const items: unknown[] = [];
  for (const records of manifest.records()) {
    for (let at = 0; at < records.length; at += shape.lengthBytes) {
      const codes = header.codeKeys.map((_, key) => Object.fromEntries(CODE_KINDS.flatMap((kind, place) => {
        const from = at + shape.codeAt[place]! + key * shape.keyStride;
        return (kindsOfRecord(records, at) & (1 << place)) === 0 ? [] : [[kind, Buffer.from(records.subarray(from, from + 8)).toString('hex')]];
      })));
      items.push({ sizeBytes: sizeOfRecord(records, at), state: stateOfRecord(records, at), codes });
    }
  }
  manifest.close();
  return items;
}

function expectedOf(item: ManifestItem): unknown {
  const codes = [UNIT, OTHER_UNIT].map(({ codeKey }) => Object.fromEntries(CODE_KINDS.flatMap((kind, place) => (item[kind] === undefined ? [] : [[kind, keyedCode(codeKey!, CODE_KIND_PURPOSES[place]!, item[kind]).toString('hex')]]))));
  return { sizeBytes: item.sizeBytes, state: item.state, codes };
}

const bySizeAndText = (items: readonly unknown[]): unknown[] => [...items].sort((a, b) => (a as ManifestItem).sizeBytes - (b as ManifestItem).sizeBytes || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test('what was written is read again: sizes, states, codes under every key once, block codes, counts', () => {
  using folder = makeFolder();
  const path = folder.at('manifest.kman');
  const writer = createManifestWriter(path, factsOf(), KEYS);
  assert.deepEqual(writer.codeKeyIds, [codeKeyId(UNIT.codeKey!), codeKeyId(OTHER_UNIT.codeKey!)]);
  writer.add(ITEMS);
  const blocks = randomBytes(8 * 500);
  writer.addBlocks(codeKeyId(OTHER_UNIT.codeKey!), blocks, 500);
  assert.equal(existsSync(path), false);
  const header = writer.finish(true);
  writer.abandon();
  assert.deepEqual(readdirSync(folder.path), ['manifest.kman']);
  assert.equal(statSync(path).mode & 0o777, 0o600);

  const manifest = openManifest(path);
  assert.deepEqual(manifest.header, header);
  assert.deepEqual(header.itemCounts, { read: 5, gated: 1, problem: 1, unread: 1 });
  assert.deepEqual(header.kinds, ['md5', 'sha1']);
  assert.equal(header.perceptual, 'none');
  assert.deepEqual(header.blocks.map(({ count }) => count > 0), [false, true]);
  const kept = Buffer.concat([...manifest.blockCodes(1)].map((piece) => Buffer.from(piece)));
  const wanted = Array.from({ length: 500 }, (_, i) => blocks.subarray(i * 8, i * 8 + 8)).filter((code) => code.readBigUInt64BE() % 16n === 0n);
  assert.deepEqual(kept, Buffer.concat(wanted.sort((a, b) => Buffer.compare(a, b))));
  assert.deepEqual([...manifest.blockCodes(0)], []);
  manifest.close();
  assert.deepEqual(bySizeAndText(itemsOf(path)), bySizeAndText(ITEMS.map(expectedOf)));
  assert.throws(() => writer.addBlocks('0'.repeat(16), blocks, 1), /no code key/);
});

test('the same items in another order, or encoded in another session, give the same bytes', () => {
  using folder = makeFolder();
  const write = (name: string, add: (writer: ReturnType<typeof createManifestWriter>) => void): Buffer => {
    const writer = createManifestWriter(folder.at(name), factsOf(), KEYS);
    add(writer);
    writer.finish(true);
    return readFileSync(folder.at(name));
  };
  const first = write('a', (writer) => writer.add(ITEMS));
  assert.deepEqual(write('b', (writer) => { for (const item of ITEMS.toReversed()) writer.add([item]); }), first);
  const encoder = createItemEncoder(manifestCodeKeys(KEYS));
  assert.deepEqual(write('c', (writer) => { writer.addEncoded(encoder.encode(ITEMS.slice(3))); writer.addEncoded(encoder.encode(ITEMS.slice(0, 3))); }), first);
});

test('a manifest holds no digest of an item, whole or cut to 8 bytes, raw or in hex, from its start or its end; and no name', () => {
  using folder = makeFolder();
  const path = folder.at('manifest.kman');
  const kinds = CODE_KINDS;
  const items = Array.from({ length: 400 }, (_, n) => readItem(n, 1000 + (n % 50), kinds));
  const writer = createManifestWriter(path, factsOf(), KEYS);
  writer.add(items);
  writer.finish(true);
  const bytes = readFileSync(path);
  const eights = new Set<string>();
  const raw = bytes.toString('latin1');
  for (let at = 0; at + 8 <= raw.length; at++) eights.add(raw.slice(at, at + 8));
  const text = raw.toLowerCase();
  let looked = 0;
  for (let n = 0; n < items.length; n++) {
    for (const kind of kinds) {
      const digest = digestOf(kind, n);
      for (let from = 0; from + 8 <= digest.length; from++) {
        assert.equal(eights.has(digest.toString('latin1', from, from + 8)), false, `8 bytes of ${kind} ${n} from ${from}`);
        assert.equal(eights.has(Buffer.from(digest.subarray(from, from + 8)).reverse().toString('latin1')), false);
        looked += 1;
      }
      for (const cut of [digest.toString('hex').slice(0, 16), digest.toString('hex').slice(-16)]) assert.equal(text.includes(cut), false);
    }
  }
  assert.ok(looked > 10_000);
  assert.equal(text.includes('dcim'), false);
  // The search itself finds what is there.
  assert.equal(eights.has(keyedCode(UNIT.codeKey!, CODE_KIND_PURPOSES[0]!, digestOf('md5', 7)).toString('latin1')), true);
});

test('keys without the private part or without a code key make no manifest', () => {
  using folder = makeFolder();
  for (const unit of [exportSetKey(UNIT), { ...UNIT, codeKey: null }]) assert.throws(() => createManifestWriter(folder.at('m'), factsOf(), { unit, setCodeKeys: [] }), { code: 'manifest-key-unfit' });
});

test('an out folder that cannot be written to is refused, and a fault in an item is a fault', () => {
  using folder = makeFolder();
  const writer = createManifestWriter(folder.at('none/manifest.kman'), factsOf(), KEYS);
  writer.add(ITEMS);
  assert.throws(() => writer.finish(true), { code: 'manifest-not-writable' });
  assert.throws(() => writer.add([{ sizeBytes: 1, state: 'gated', md5: digestOf('md5', 1) }]), { code: 'internal-fault' });
  assert.throws(() => writer.add([{ sizeBytes: 1, state: 'read', md5: digestOf('sha1', 1) }]), { code: 'internal-fault' });
  assert.throws(() => writer.addEncoded(new Uint8Array(5)), { code: 'internal-fault' });
});

test('killed while it writes, a manifest is not there, or is there whole', async () => {
  using folder = makeFolder();
  const path = folder.at('manifest.kman');
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'test-write-many.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = once(child, 'exit');
    // The first is killed in its first manifest, the others somewhere in a later one, over the earlier.
    for (let lines = 0; lines <= round;) lines += String(await once(child.stdout, 'data')).split('\n').length - 1;
    setTimeout(() => child.kill('SIGKILL'), round * 9);
    await end;
    if (round > 0 || existsSync(path)) openManifest(path).close();
  }
  assert.deepEqual(readdirSync(folder.path).filter((name) => !/^manifest\.kman(\.part)?$/.test(name)), []);
});
