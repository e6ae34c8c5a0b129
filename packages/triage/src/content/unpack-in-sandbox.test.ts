/** Archives that bsdtar unpacks in the sandbox, through the lane's own hands. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import test, { after } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { writeRar4, writeRar5, writeZip } from '@kerbside/corpus';
import { DIGEST_BIT } from '../digests.ts';
import { contentAddsUp } from './content-counts.ts';
import { createContentTools } from './create-content-tools.ts';
import { examineItem } from './examine-item.ts';

const isMissing = ['bsdtar', 'bwrap', 'prlimit'].find((program) => spawnSync('which', [program]).status !== 0);
if (isMissing !== undefined && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`missing: ${isMissing}`);
const skip = isMissing === undefined ? false : `${isMissing} not installed`;

const tools = createContentTools({ sizeMasks: new SharedArrayBuffer(8), largeMask: 0, decodesMedia: false, decodesVideo: false, nearIndex: null, radius: 31, passwords: [], modelFolder: null, countsFaces: false });
after(() => tools.close());

const TEXT = Buffer.from(`${'The keeper saves a penalty in extra time. '.repeat(40)}Final score two to one.\n`);
/** The same packed by PPMd of 7-Zip 26, method 98. */
const PPMD = Buffer.from('070054163b8b5d0f78a7a4fb4a1f54bf4f16a57ee776011db3c914394c1ba7bff9c4b358a4e752120000000000000002ca333fd788e75d0f9264492f20f931b437b4d8172700', 'hex');
const ppmdZip = (packed: Buffer = PPMD): Buffer => writeZip([{ name: 'a.txt', content: Buffer.from('plain'), method: 0 }, { name: 'p.txt', content: TEXT, method: 98, packed }]);

type Unit = Awaited<ReturnType<typeof examineItem>>;
const look = (bytes: Buffer): Promise<Unit> => examineItem(0, () => new MemorySource(bytes), { tools, decodesMedia: false, decodesVideo: false, maskOf: () => DIGEST_BIT.sha1, isStopped: () => false });
const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
const found = ({ members }: Unit): Map<string, string> => new Map(members.map(({ member, digests }) => [member, Buffer.from(digests).toString('hex')]));
const codes = ({ problems }: Unit): string[] => problems.map(({ code }) => code);

test('a ZIP member packed by PPMd is hashed like any other', { skip }, async () => {
  const unit = await look(ppmdZip());
  assert.deepEqual(codes(unit), []);
  assert.deepEqual(found(unit), new Map([['\\[zip]/a.txt', sha1(Buffer.from('plain'))], ['\\[zip]/p.txt', sha1(TEXT)]]));
});

test('archives of this kind in one another, each while the outer one waits', { skip, timeout: 300_000 }, async () => {
  const inner = writeRar5([{ name: 'text.txt', content: TEXT }, { name: 'p.zip', content: ppmdZip() }]);
  const unit = await look(writeRar4([{ name: 'inner.rar', content: inner }, { name: 'last.txt', content: Buffer.from('after it') }]));
  assert.deepEqual(codes(unit), []);
  const members = found(unit);
  for (const name of ['\\[rar4]/inner.rar/\\[rar5]/text.txt', '\\[rar4]/inner.rar/\\[rar5]/p.zip/\\[zip]/p.txt']) assert.equal(members.get(name), sha1(TEXT), name);
  assert.equal(members.get('\\[rar4]/last.txt'), sha1(Buffer.from('after it')));
  assert.ok(contentAddsUp(unit.counts));
});

test('a damaged PPMd member is a problem of its own, and the others are read', { skip }, async () => {
  const broken: readonly Buffer[] = [PPMD.subarray(0, 20), Buffer.alloc(80, 0xff), Buffer.concat([PPMD.subarray(0, 30), Buffer.alloc(40, 7)]), Buffer.alloc(0)];
  for (const packed of broken) {
    const unit = await look(ppmdZip(packed));
    assert.equal(unit.counts.members.problems, 1, `${packed.length}: ${codes(unit).join()}`);
    assert.equal(found(unit).get('\\[zip]/a.txt'), sha1(Buffer.from('plain')));
    assert.ok(contentAddsUp(unit.counts));
  }
});
