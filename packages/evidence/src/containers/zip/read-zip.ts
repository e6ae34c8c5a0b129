import { LimitError, MalformedError, MAX_DIRECTORY_BYTES, problemFrom, readView, UnsupportedError, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, MemberState } from '../container.ts';
import { shortPath } from '../member-names.ts';
import { ReadAhead } from '../read-ahead.ts';
import type { UnpackElsewhere } from '../unpack-elsewhere.ts';
import { indexDirectory, type DirectoryIndex } from './directory-index.ts';
import { findDirectory, type ZipDirectory } from './find-directory.ts';
import { isReadableMethod, type ZipArchive } from './member-content.ts';
import { isForElsewhere } from './member-elsewhere.ts';
import { scanLocalHeaders } from './scan-local-headers.ts';
import { findLayoutFaults, type Gap, type LayoutFindings } from './shared-bytes.ts';
import { encryptionOf, methodName } from './zip-facts.ts';
import { ZipMember } from './zip-member.ts';
import { readCentralRecord, type ZipRecord } from './zip-records.ts';

/** Members that share packed bytes are read as long as all claims together stay under this many times the archive; a trap claims thousands. */
const MAX_CLAIM_RATIO = 2;
/** Bytes before the first member that are looked at for others: a self-extracting program is smaller; a film with a ZIP behind it is not searched. */
const MAX_PREFIX_BYTES = 16 * 1024 * 1024;

/**
 * Lists a ZIP: its directory in one read, then whatever members no record of it names. Never throws on evidence.
 * @param budget shared with the containers around and inside this one
 * @param elsewhere unpacks what is not read here (PPMd); without it such members are told
 */
export function* readZip(source: RandomAccessSource, budget: ContainerBudget, elsewhere: UnpackElsewhere | null = null): Generator<ContainerEvent, void, undefined> {
  const archive: ZipArchive = { source, ahead: new ReadAhead(source), budget, elsewhere };
  try {
    yield* listArchive(archive);
  } catch (error) {
    yield problem(problemFrom(error, { offset: source.originOffset }));
  }
}

function* listArchive(archive: ZipArchive): Generator<ContainerEvent, void, undefined> {
  const { source, budget } = archive;
  let found: FoundDirectory;
  try {
    found = loadDirectory(source, budget);
  } catch (error) {
    yield problem(problemFrom(error, { offset: source.originOffset }));
    yield* listUnnamed(archive, [{ start: 0, end: source.sizeBytes }], true);
    return;
  }
  yield* tellDirectoryFaults(archive, found);
  yield* listRecords(archive, found);
  if (!found.index.isOverLimit) yield* listUnnamed(archive, found.layout.gaps, found.index.brokenAt >= 0);
}

interface FoundDirectory {
  readonly directory: ZipDirectory;
  readonly bytes: Buffer;
  readonly index: DirectoryIndex;
  readonly layout: LayoutFindings;
}

function loadDirectory(source: RandomAccessSource, budget: ContainerBudget): FoundDirectory {
  const directory = findDirectory(source);
  if (directory.lengthBytes > MAX_DIRECTORY_BYTES) {
    throw new LimitError('zip-directory-limit', `the directory of a ZIP has ${directory.lengthBytes} bytes, more than the ${MAX_DIRECTORY_BYTES} that are read; members are looked for by their own headers`, { offset: directory.offset });
  }
  const bytes = readView(source, directory.offset, directory.lengthBytes).bytes;
  const index = indexDirectory(bytes, directory.base, budget.limits.maxEntries);
  return { directory, bytes, index, layout: findLayoutFaults(index, directory.offset) };
}

function* tellDirectoryFaults(archive: ZipArchive, { directory, index, layout }: FoundDirectory): Generator<ContainerEvent, void, undefined> {
  const where = { offset: archive.source.originOffset + directory.offset };
  const tell = (code: string, message: string): ContainerEvent => problem(problemFrom(new MalformedError(code, message), where));
  if (directory.isPart) yield problem(problemFrom(new UnsupportedError('zip-part-missing', 'the ZIP is one of several parts; members in the others cannot be read'), where));
  if (index.brokenAt >= 0) {
    yield tell('zip-directory-damaged', `the directory of a ZIP breaks after ${index.count} of ${directory.statedCount} members; others are looked for by their own headers`);
  } else if (!index.isOverLimit && index.count !== directory.statedCount && index.count % 65_536 !== directory.statedCount) {
    yield tell('zip-count-differs', `a ZIP states ${directory.statedCount} members and its directory holds ${index.count}`);
  }
  if (index.firstDuplicate !== null) {
    yield tell('zip-names-repeated', `${index.duplicates} members of a ZIP have the name of another, the first being ${shortPath(new ZipMember(archive, index.firstDuplicate, 'readable').names)}; every one is listed`);
  }
  if (layout.overlapCount > 0) yield tell('zip-members-overlap', `${layout.overlapCount} members of a ZIP share packed bytes with others, as no program writes them`);
}

function* listRecords(archive: ZipArchive, { directory, bytes, index, layout }: FoundDirectory): Generator<ContainerEvent, void, undefined> {
  const isTrap = layout.overlapping !== null && layout.claimedBytes > MAX_CLAIM_RATIO * archive.source.sizeBytes;
  for (let i = 0; i < index.count; i++) {
    const record = readCentralRecord(bytes, index.recordAt[i]!, directory.base);
    const member = admit(archive, record, isTrap && layout.overlapping![i] === 1 ? 'damaged' : 'readable');
    yield { type: 'member', member };
    if (member.state !== 'readable') yield problem(unreadable(archive, member));
  }
  if (index.isOverLimit) {
    throw new LimitError('container-entries-limit', `a ZIP states ${directory.statedCount} members; more than ${archive.budget.limits.maxEntries} are not listed`);
  }
}

/** Members found by their own headers in bytes that no record claims. */
function* listUnnamed(archive: ZipArchive, gaps: readonly Gap[], isTold: boolean): Generator<ContainerEvent, void, undefined> {
  let found = 0;
  for (const gap of gaps) {
    const isPrefix = gap.start === 0 && gap.end < archive.source.sizeBytes;
    if (isPrefix && gap.end > MAX_PREFIX_BYTES) continue;
    for (const record of scanLocalHeaders(archive.source, gap)) {
      if (record === null) continue;
      found += 1;
      const member = admit(archive, record, 'readable');
      yield { type: 'member', member };
      if (member.state !== 'readable') yield problem(unreadable(archive, member));
    }
  }
  if (found > 0 && !isTold) {
    yield problem(problemFrom(new MalformedError('zip-members-unlisted', `${found} members of a ZIP were found by their own headers and stand in no directory: another program would not show them`), { offset: archive.source.originOffset }));
  }
}

/** @throws LimitError `container-entries-limit` */
function admit(archive: ZipArchive, record: ZipRecord, overlap: MemberState): ZipMember {
  archive.budget.countEntry();
  return new ZipMember(archive, record, encryptionOf(record) !== null ? 'encrypted' : isReadableMethod(record.method) || isForElsewhere(archive, record) ? overlap : 'unsupported');
}

/** Why a member that is not readable is not. */
function unreadable({ source }: ZipArchive, { record, state, names }: ZipMember): Problem {
  const path = shortPath(names);
  const error =
    state === 'encrypted'
      ? new UnsupportedError('archive-encrypted', `${path} is encrypted (${encryptionOf(record)})`)
      : state === 'unsupported'
        ? new UnsupportedError('zip-method-unsupported', `${path} is packed by ${methodName(record.method)}, which is not read`)
        : new LimitError('zip-overlap-limit', `${path} shares its packed bytes with other members, and all together claim more than ${MAX_CLAIM_RATIO} times the archive, as only a trap does`);
  return problemFrom(error, { path, offset: source.originOffset + record.localOffset });
}

function problem(told: Problem): ContainerEvent {
  return { type: 'problem', problem: told };
}
