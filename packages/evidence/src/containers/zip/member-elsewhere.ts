import { MemorySource, SourceWindow, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import { JoinedSource } from '../joined-source.ts';
import { shortPath } from '../member-names.ts';
import { tellMissingTool } from '../unpack-elsewhere.ts';
import { ContentCheck, contentOffset, type ZipArchive } from './member-content.ts';
import { methodName } from './zip-facts.ts';
import { CENTRAL_SIGNATURE, LOCAL_SIGNATURE, type ZipRecord } from './zip-records.ts';

/** Methods that bsdtar in the sandbox unpacks and nothing here does: PPMd. */
const METHODS: ReadonlySet<number> = new Set([98]);

/** Lengths as an ordinary header states them; a text packed by PPMd of 4 GiB has not been seen. */
const MOST_BYTES = 0xffff_fffe;

const VERSION_PPMD = 63;

/** Whether a member goes elsewhere: somebody is there to unpack it, and its lengths and checksum are known. */
export function isForElsewhere({ elsewhere }: ZipArchive, { method, crc, packedBytes, sizeBytes }: ZipRecord): boolean {
  return elsewhere !== null && METHODS.has(method) && crc >= 0 && packedBytes >= 0 && packedBytes <= MOST_BYTES && sizeBytes >= 0 && sizeBytes <= MOST_BYTES;
}

/** The content of such a member, checked as that of any other. */
export async function* readMemberElsewhere(archive: ZipArchive, record: ZipRecord, names: readonly EvidenceName[]): AsyncGenerator<Uint8Array, void, undefined> {
  const single = singleMemberArchive(archive.source, record, contentOffset(archive, record));
  const check = new ContentCheck(record, names);
  for await (const piece of tellMissingTool(archive.elsewhere!(single), 'zip-method-unsupported', `${shortPath(names)} is packed by ${methodName(record.method)}, which is not read`)) {
    check.add(piece);
    yield piece;
  }
  check.end();
}

/** The member in a ZIP of its own, which is read from a pipe: header, packed bytes, directory. */
function singleMemberArchive(source: RandomAccessSource, record: ZipRecord, offset: number): RandomAccessSource {
  const facts = factsOf(record);
  const local = Buffer.concat([numbers([4, LOCAL_SIGNATURE], [2, VERSION_PPMD]), facts, NAME]);
  const directory = Buffer.concat([numbers([4, CENTRAL_SIGNATURE], [2, VERSION_PPMD], [2, VERSION_PPMD]), facts, Buffer.alloc(14), NAME]);
  const end = numbers([4, END_SIGNATURE], [4, 0], [2, 1], [2, 1], [4, directory.length], [4, local.length + record.packedBytes], [2, 0]);
  return new JoinedSource([new MemorySource(local), new SourceWindow(source, offset, record.packedBytes), new MemorySource(Buffer.concat([directory, end]))]);
}

const NAME = Buffer.from('f');
const END_SIGNATURE = 0x0605_4b50;

/** What both headers say: flags, method, time, date, CRC-32, lengths, lengths of name and extra field. */
function factsOf({ method, crc, packedBytes, sizeBytes }: ZipRecord): Buffer {
  return numbers([2, 0], [2, method], [4, 0], [4, crc], [4, packedBytes], [4, sizeBytes], [2, NAME.length], [2, 0]);
}

function numbers(...fields: readonly (readonly [width: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) at = bytes.writeUIntLE(value, at, width);
  return bytes;
}
