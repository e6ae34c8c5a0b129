import { MemorySource, RefusedError, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { ContainerBudget, hasZipEnd, sniffContent, type BackupFolder, type ContainerEvent, type Member, type MemberState } from '@kerbside/evidence';
import type { ContainerDoors } from './container-doors.ts';
import { containerStep, PHONE_BACKUP, QUICK_LOOK } from './content-kinds.ts';
import type { Content } from './content-tools.ts';
import { headOf } from './examination.ts';
import { isPlaceable, openPlaced } from './examine-placed-member.ts';
import { MemberFlow } from './member-flow.ts';
import { memberNamer } from './name-members.ts';

/** A step into a container; what the file system's walk gives as a name of its own (`\[carved]`) leads into none. */
const STEP = /\/\\\[(?!carved\])[a-z0-9-]+\]\//;

/** Longest packed member that is unpacked into memory for one still. What is stored as it is may be of any length. */
const MAX_PACKED_BYTES = 256 * 1024 * 1024;

/** Takes the path of an item and that of a member in it apart: `p1/a.zip` and `\[zip]/b.jpg`; null for an item that is no member. */
export function splitMemberPath(path: string): { readonly item: string; readonly member: string } | null {
  const at = path.search(STEP);
  return at < 0 ? null : { item: path.slice(0, at), member: path.slice(at + 1) };
}

/** What lies in several files side by side, of which the item is one. */
export type FolderKind = typeof PHONE_BACKUP | typeof QUICK_LOOK;

/** The kind of folder that a path of a member leads into; null where it leads into the item alone. */
export function folderKindOf(memberPath: string): FolderKind | null {
  return ([PHONE_BACKUP, QUICK_LOOK] as const).find((kind) => memberPath.startsWith(`${containerStep(kind)}/`)) ?? null;
}

const THUMBDATA = 'thumbnails/thumbdata';

/** What is told by its name alone (content-by-name.ts) is told here by the step that leads into it. */
function kindOf(source: RandomAccessSource, memberPath: string): string | null {
  if (memberPath.startsWith(`${containerStep(THUMBDATA)}/`)) return THUMBDATA;
  const sniffed = sniffContent(headOf(source));
  return sniffed === null && memberPath.startsWith(`${containerStep('archive/zip')}/`) && hasZipEnd(source) ? 'archive/zip' : sniffed;
}

/**
 * Opens a member by the display path that the content lane gives it inside an item, in the lane's own way: read where it lies if it
 * can be, unpacked into memory if not. The caller closes it, and the item after it.
 *
 * @param folder the folder of what lies in several files (`folderKindOf`); null for an item that is read alone
 * @throws RefusedError `still-item-not-found`, `still-item-unreadable`; KerbsideError of the reader
 */
export async function openMember(item: RandomAccessSource, memberPath: string, doors: ContainerDoors, folder: BackupFolder | null = null): Promise<RandomAccessSource> {
  const search: Search = { wanted: memberPath, doors, problems: [] };
  const folderKind = folder === null ? null : folderKindOf(memberPath);
  const found =
    folder !== null && folderKind !== null
      ? await searchMembers(search, doors.openFolder(folderKind, folder), null, containerStep(folderKind), ContainerBudget.forContainer(0))
      : await searchContent(search, { source: item, bytes: null }, kindOf(item, memberPath), '', null);
  if (found === null) throw notFound(search);
  return found;
}

interface Search {
  readonly wanted: string;
  readonly doors: ContainerDoors;
  /** What readers of containers told on the way: often why the member is not there. */
  readonly problems: Problem[];
}

type Opened = RandomAccessSource | null;

/** Looks for the wanted member in a content of a kind, if the path leads into one of that kind. */
async function searchContent(search: Search, content: Content, kind: string | null, path: string, around: ContainerBudget | null): Promise<Opened> {
  const prefix = stepInto(search, kind, path);
  if (kind === null || prefix === null) return null;
  const budget = around === null ? ContainerBudget.forContainer(content.source.sizeBytes) : around.nested();
  return searchMembers(search, search.doors.openContainer(kind, content, budget), content, prefix, budget);
}

/** Display path of the inside of a container; null where the wanted path does not lead there. */
function stepInto({ wanted }: Search, kind: string | null, path: string): string | null {
  if (kind === null) return null;
  const prefix = path === '' ? containerStep(kind) : `${path}/${containerStep(kind)}`;
  return wanted.startsWith(`${prefix}/`) ? prefix : null;
}

async function searchMembers(search: Search, events: Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>, container: Content | null, prefix: string, budget: ContainerBudget): Promise<Opened> {
  const nameOf = memberNamer(prefix);
  for await (const event of events) {
    if (event.type === 'problem') {
      search.problems.push(event.problem);
      continue;
    }
    // Directories and links count for the numbers of names too, as they do in the lane.
    const own = nameOf(event.member);
    if (event.member.kind === 'file' && (own === search.wanted || search.wanted.startsWith(`${own}/\\[`))) return await openFound(search, event.member, own, container, budget);
  }
  return null;
}

async function openFound(search: Search, member: Member, own: string, container: Content | null, budget: ContainerBudget): Promise<Opened> {
  if (member.state !== 'readable') throw unreadable(search, STATE_WORDS[member.state]);
  if (isPlaceable(member, container)) {
    const source = openPlaced(member, container);
    if (own === search.wanted) return source;
    const inner = await searchContent(search, { source, bytes: null }, sniffContent(headOf(source)), own, budget).catch((error: unknown) => {
      source.close();
      throw error;
    });
    if (inner === null) source.close();
    return inner === null ? null : readThrough(inner, source);
  }
  const flow = new MemberFlow(member, { beforePiece: () => undefined, onPiece: () => undefined });
  try {
    const kind = sniffContent(await flow.head());
    if (own !== search.wanted && kind === 'archive/tar') {
      const prefix = stepInto(search, kind, own);
      const inner = budget.nested();
      return prefix === null ? null : await searchMembers(search, search.doors.openTarStream(flow.pieces(), inner), null, prefix, inner);
    }
    const bytes = await flow.keep(MAX_PACKED_BYTES);
    if (bytes === null) throw unreadable(search, `is packed, or lies in something packed, of more than ${MAX_PACKED_BYTES} bytes; unpack it at the unit`);
    const source = new MemorySource(bytes);
    return own === search.wanted ? source : await searchContent(search, { source, bytes }, kind, own, budget);
  } finally {
    await flow.end();
  }
}

/** What was opened inside reads through what holds it: both are closed at once. */
function readThrough(inner: RandomAccessSource, outer: RandomAccessSource): RandomAccessSource {
  return {
    sizeBytes: inner.sizeBytes,
    originOffset: inner.originOffset,
    readInto: (target, offset) => inner.readInto(target, offset),
    close() {
      inner.close();
      outer.close();
    },
  };
}

const STATE_WORDS: Readonly<Record<Exclude<MemberState, 'readable'>, string>> = {
  encrypted: 'is encrypted, or lies in something that is, and no password opened it. For a phone backup give the password with --password-file',
  unsupported: 'is packed in a way that is not read here',
  damaged: 'is damaged where it is stored',
};

function unreadable(search: Search, why: string): RefusedError {
  return new RefusedError('still-item-unreadable', `"${search.wanted}" ${why}.${told(search)}`);
}

function notFound(search: Search): RefusedError {
  if (search.problems.some(({ code }) => LOCKED.has(code))) return unreadable(search, STATE_WORDS.encrypted);
  return new RefusedError('still-item-not-found', `There is no file "${search.wanted}" inside the item, as far as it can be read. Give the path as report.json writes it.${told(search)}`);
}

/** The last thing that a reader told, which is often the reason. */
function told({ problems }: Search): string {
  const last = problems.at(-1);
  return last === undefined ? '' : ` What was told on the way: ${last.message} (${last.code}).`;
}

const LOCKED: ReadonlySet<string> = new Set(['backup-encrypted', 'backup-password-wrong', 'archive-encrypted']);
