import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePicture, writeStoredZip } from '@kerbside/corpus';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { readUfdr } from './read-ufdr.ts';
import { MAX_REPORT_ENTRY, scanReport, type ReportEvent } from './scan-report.ts';

const PICTURE = makePicture({ kind: 'jpeg', widthPx: 64, heightPx: 48, seed: 6 });
const REPORT = `<?xml version="1.0" encoding="utf-8"?>
<project id="1" xmlns="http://pa.cellebrite.com/report/2.0"><taggedFiles>
<file fs="data" id="1" path="/private/var/mobile/Media/DCIM/100APPLE/IMG_0001 &amp; 2.JPG" size="${PICTURE.length}">
 <accessInfo><timestamp name="CreationTime" formattedTimestamp="x">2026-03-01T10:00:00+00:00</timestamp><timestamp name="ModifyTime">2026-03-01T12:00:00+01:00</timestamp><timestamp name="AccessTime">2026-03-01T10:00:00</timestamp></accessInfo>
 <metadata section="File"><item name="MD5"><![CDATA[0]]></item><item name="Local Path"><![CDATA[files\\Image\\1.JPG]]></item></metadata>
</file>
<file path="/no/local/path"/>
</taggedFiles></project>`;

function scan(text: string, pieceBytes: number): ReportEvent[] {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return [...scanReport(pieces)];
}

function list(report: string | null): Promise<Listed> {
  const members = [{ name: 'files/Image/1.JPG', content: PICTURE }, { name: 'files/Image/unnamed.jpg', content: PICTURE }];
  const zip = writeStoredZip(report === null ? members : [...members, { name: 'report.xml', content: Buffer.from(report) }], 4);
  return listAll(readUfdr(new MemorySource(zip), ContainerBudget.forContainer(zip.length)));
}

test('files of a UFDR have the names and times they had on the phone; the others those of the archive', async () => {
  const { contents, members, codes } = await list(REPORT);
  assert.deepEqual(codes, []);
  const path = 'private/var/mobile/Media/DCIM/100APPLE/IMG_0001 & 2.JPG';
  assert.deepEqual([...members.keys()], [path, 'files/Image/unnamed.jpg', 'report.xml']);
  assert.deepEqual(contents.get(path), PICTURE);
  const { times, extents } = members.get(path)!;
  assert.deepEqual(times.created, { seconds: Date.parse('2026-03-01T10:00:00Z') / 1000, nanoseconds: 0, zone: 'utc' });
  assert.equal(times.modified?.seconds, Date.parse('2026-03-01T11:00:00Z') / 1000);
  assert.equal(times.accessed, null, 'a time without a zone is not taken');
  assert.equal(extents?.length, 1, 'a stored member stays where it is');
});

test('a ZIP without a report, or with one of another maker, is listed as it is', async () => {
  assert.deepEqual([...(await list(null)).members.keys()], ['files/Image/1.JPG', 'files/Image/unnamed.jpg']);
  assert.equal([...(await list(REPORT.replace('cellebrite', 'example'))).members.keys()][0], 'files/Image/1.JPG');
});

test('a report is read the same in pieces of any size', () => {
  const whole = scan(REPORT, 1 << 20);
  assert.equal(whole.length, 1);
  for (const size of [1, 2, 3, 7, 64, 1000]) assert.deepEqual(scan(REPORT, size), whole, `pieces of ${size}`);
});

test('traps: an entry without an end, tags without an end, entries inside entries', () => {
  const codes = (text: string): string[] => scan(text, 65_536).map((event) => (event.type === 'problem' ? event.problem.code : event.file.path));
  assert.deepEqual(codes(`<file path="x">${'<item name="Local Path"><![CDATA['.repeat(MAX_REPORT_ENTRY / 16)}`), ['ufdr-report-limit']);
  assert.deepEqual(codes(`<file ${'x'.repeat(MAX_REPORT_ENTRY * 3)}`), ['ufdr-report-limit']);
  assert.deepEqual(codes('<file '.repeat(200_000)), ['ufdr-report-limit']);
  assert.deepEqual(codes('<file path="x"><file path="y">'.repeat(3)), []);
  assert.deepEqual(codes(`<file path="long">${'x'.repeat(MAX_REPORT_ENTRY * 2)}</file>${REPORT.slice(REPORT.indexOf('<file '))}`).at(-1), '/private/var/mobile/Media/DCIM/100APPLE/IMG_0001 & 2.JPG');
});
