/**
 * No writer of mailboxes exists to test with. The oracle, pst-extractor, ships three: Outlook's PST and
 * two OST with packed blocks. Where the package is not installed these tests are skipped.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mutate } from '@kerbside/corpus';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { isPst } from './pst-format.ts';
import { readPst } from './read-pst.ts';

const SAMPLES = join(import.meta.dirname, '../../../../../node_modules/pst-extractor/example/testdata');
const NAMES = ['enron.pst', 'pstextractortest@outlook.com.ost', 'pstextractortestpdf@outlook.com.ost'];
const skip = existsSync(join(SAMPLES, NAMES[0]!)) ? false : 'the sample mailboxes of pst-extractor are not installed';

function list(bytes: Buffer): Promise<Listed> {
  return listAll(readPst(new MemorySource(bytes), ContainerBudget.forContainer(bytes.length)));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** File name and digest of every attachment that the oracle reaches through folders. */
async function listWithOracle(path: string): Promise<string[]> {
  const { PSTFile } = await import('pst-extractor');
  const found: string[] = [];
  type Folder = ReturnType<InstanceType<typeof PSTFile>['getRootFolder']>;
  const visitMessage = (message: { numberOfAttachments: number; getAttachment(at: number): unknown }): void => {
    for (let at = 0; at < message.numberOfAttachments; at++) {
      const attachment = message.getAttachment(at) as { attachMethod: number; longFilename: string; filename: string; embeddedPSTMessage: never; fileInputStream: { length: { toNumber(): number }; readCompletely(target: Buffer): void } | null };
      const stream = attachment.fileInputStream;
      if (attachment.attachMethod === 5) visitMessage(attachment.embeddedPSTMessage);
      else if (attachment.attachMethod === 1 && stream !== null) {
        const content = Buffer.alloc(stream.length.toNumber());
        stream.readCompletely(content);
        found.push(`${(attachment.longFilename || attachment.filename).replace(/\0$/, '')} ${digest(content)}`);
      }
    }
  };
  const visit = (folder: Folder): void => {
    if (folder.hasSubfolders) for (const inner of folder.getSubFolders()) visit(inner);
    if (folder.contentCount === 0) return;
    for (let message = folder.getNextChild(); message !== null; message = folder.getNextChild()) visitMessage(message);
  };
  visit(new PSTFile(path).getRootFolder());
  return found.sort();
}

for (const name of NAMES) {
  test(`${name}: every attachment that pst-extractor finds, byte for byte`, { skip }, async () => {
    const bytes = readFileSync(join(SAMPLES, name));
    assert.ok(isPst(bytes.subarray(0, 512)));
    const { contents, codes } = await list(bytes);
    assert.deepEqual(codes, []);
    const ours = [...contents].map(([path, content]) => `${path.split('/').at(-1)} ${digest(content as Buffer)}`);
    const theirs = await listWithOracle(join(SAMPLES, name));
    assert.ok(theirs.length >= 5, `the oracle found only ${theirs.length}`);
    const rest = [...ours];
    const missing = theirs.filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
    assert.deepEqual(missing, []);
  });
}

test('folders and dates of a mailbox', { skip }, async () => {
  const { members } = await list(readFileSync(join(SAMPLES, NAMES[0]!)));
  const [path, member] = [...members].find(([shown]) => shown.endsWith('/OBA_27602_Citizens.doc'))!;
  assert.match(path, /^Top of Personal Folders\/lokay-m\/.*\/TW-Commercial Group\/\\\[message\d+\]\/\\\[part1\]\//);
  assert.equal(member.times.created?.zone, 'utc');
  assert.equal(new Date(member.times.created!.seconds * 1000).getUTCFullYear(), 2001);
});

test('headers that are none, a kind of encoding that is not read, cut files', async () => {
  const header = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.alloc(4096);
    bytes.write('!BDN', 0);
    bytes.write('SM', 8);
    bytes.writeUInt16LE(23, 10);
    change(bytes);
    return bytes;
  };
  const codes = async (bytes: Buffer): Promise<string[]> => (await list(bytes)).codes;
  assert.deepEqual(await codes(Buffer.alloc(10)), ['pst-damaged']);
  assert.deepEqual(await codes(Buffer.alloc(4096)), ['pst-damaged']);
  assert.deepEqual(await codes(header((bytes) => bytes.writeUInt16LE(99, 10))), ['pst-version-unknown']);
  assert.deepEqual(await codes(header((bytes) => bytes.writeUInt8(2, 513))), ['pst-encrypted']);
  assert.deepEqual(await codes(header((bytes) => bytes.writeUInt8(0x10, 513))), ['pst-encrypted']);
  assert.deepEqual(await codes(header((bytes) => bytes.writeBigUInt64LE(2n ** 60n, 224))), ['read-outside-source']);
  assert.deepEqual(await codes(header(() => {})), ['pst-page-damaged']);
  // A page of the node tree that is its own child, and so for ever.
  const cycle = header((bytes) => {
    bytes.writeBigUInt64LE(1024n, 224);
    bytes.writeBigUInt64LE(1024n, 1024 + 16);
    Buffer.of(1, 20, 24, 1).copy(bytes, 1024 + 488);
    bytes.writeUInt16LE(0x8181, 1024 + 496);
  });
  assert.deepEqual(await codes(cycle), ['pst-page-damaged']);
});

test('damaged and cut mailboxes: members or problems, never an exception past the reader', { skip }, async () => {
  const sound = readFileSync(join(SAMPLES, NAMES[1]!));
  // Damage falls where something stands: the sample is mostly empty, so its used pages are brought together by what is mutated.
  const used: number[] = [];
  for (let at = 0; at < sound.length; at += 512) if (sound.subarray(at, at + 512).some((byte) => byte !== 0)) used.push(at);
  let told = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const bytes = Buffer.from(sound);
    const spots = seed % 10 === 0 ? 30 : 6;
    for (let i = 0; i < spots; i++) {
      const at = used[(seed * 7919 + i * 104_729) % used.length]!;
      mutate(bytes.subarray(at, at + 512), seed * 31 + i).copy(bytes, at);
    }
    const { codes, contents } = await list(seed % 15 === 0 ? bytes.subarray(0, Math.floor((bytes.length * seed) / 160)) : bytes);
    assert.ok(!codes.includes('internal-fault'), `seed ${seed}`);
    if (codes.length > 0 || [...contents.values()].some((content) => typeof content === 'string')) told += 1;
  }
  assert.ok(told > 20, `only ${told} copies were found damaged`);
});
