import { MemorySource, RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { ContainerBudget, hasZipEnd, openContainer, openItemSource, SNIFF_BYTES, sniffContent, type Member } from '@kerbside/evidence';
import { containerStep } from './content-kinds.ts';
import { memberNamer } from './name-members.ts';

/** A step into a container; what the file system's walk gives as a name of its own (`\[carved]`) leads into none. */
const STEP = /\/\\\[(?!carved\])[a-z0-9-]+\]\//;

/** Longest member that is read for one still. */
const MAX_MEMBER_BYTES = 256 * 1024 * 1024;

/** Takes the path of an item and that of a member in it apart: `p1/a.zip` and `\[zip]/b.jpg`; null for an item that is no member. */
export function splitMemberPath(path: string): { readonly item: string; readonly member: string } | null {
  const at = path.search(STEP);
  return at < 0 ? null : { item: path.slice(0, at), member: path.slice(at + 1) };
}

/**
 * Reads a member by its display path inside an item.
 * @throws RefusedError `still-item-not-found`, `still-item-unreadable`; KerbsideError of the reader
 */
export async function readMember(item: RandomAccessSource, memberPath: string): Promise<Uint8Array> {
  return readFrom(item, '', memberPath, null);
}

async function readFrom(source: RandomAccessSource, path: string, wanted: string, around: ContainerBudget | null): Promise<Uint8Array> {
  const head = Buffer.alloc(Math.min(SNIFF_BYTES, source.sizeBytes));
  source.readInto(head, 0);
  const kind = kindOf(head, source, wanted.slice(path === '' ? 0 : path.length + 1));
  const step = kind === null ? '' : containerStep(kind);
  const prefix = path === '' ? step : `${path}/${step}`;
  if (kind === null || !wanted.startsWith(`${prefix}/`)) throw notFound(wanted);
  const budget = around === null ? ContainerBudget.forContainer(source.sizeBytes) : around.nested();
  const nameOf = memberNamer(prefix);
  for await (const event of openContainer(kind, source, budget, null)) {
    if (event.type !== 'member' || event.member.kind !== 'file') continue;
    const own = nameOf(event.member);
    if (own !== wanted && !wanted.startsWith(`${own}/\\[`)) continue;
    const bytes = await contentOf(event.member, source, wanted);
    return own === wanted ? bytes : readFrom(new MemorySource(bytes), own, wanted, budget);
  }
  throw notFound(wanted);
}

/** What was told by its name alone (content-by-name.ts) is told here by the step that leads into it. */
function kindOf(head: Uint8Array, source: RandomAccessSource, wanted: string): string | null {
  if (wanted.startsWith(`${containerStep('thumbnails/thumbdata')}/`)) return 'thumbnails/thumbdata';
  const sniffed = sniffContent(head);
  return sniffed === null && wanted.startsWith(`${containerStep('archive/zip')}/`) && hasZipEnd(source) ? 'archive/zip' : sniffed;
}

async function contentOf(member: Member, container: RandomAccessSource, wanted: string): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let length = 0;
  const keep = (piece: Uint8Array): void => {
    length += piece.byteLength;
    if (length > MAX_MEMBER_BYTES) throw new RefusedError('still-item-unreadable', `"${wanted}" has more than ${MAX_MEMBER_BYTES} bytes; a still is made of less.`);
    pieces.push(Buffer.from(piece));
  };
  if (member.extents === null) for await (const piece of member.content()) keep(piece);
  else {
    const sizeBytes = member.extents.reduce((sum, extent) => sum + extent.length, 0);
    if (sizeBytes > MAX_MEMBER_BYTES) throw new RefusedError('still-item-unreadable', `"${wanted}" has ${sizeBytes} bytes; a still is made of at most ${MAX_MEMBER_BYTES}.`);
    const whole = Buffer.alloc(sizeBytes);
    const fromZero: RandomAccessSource = { sizeBytes: container.sizeBytes, originOffset: 0, readInto: (target, offset) => container.readInto(target, offset), close: () => undefined };
    const unread = openItemSource(fromZero, { content: { form: 'extents', extents: member.extents }, sizeBytes }).readInto(whole, 0);
    if (unread.length > 0) throw new RefusedError('still-item-unreadable', `Part of "${wanted}" could not be read.`);
    keep(whole);
  }
  return Buffer.concat(pieces);
}

function notFound(wanted: string): RefusedError {
  return new RefusedError('still-item-not-found', `There is no file "${wanted}" inside the item, or it lies in a container that "kerbside still" does not open (RAR, a phone backup, the QuickLook store of macOS, members packed by PPMd). Give the path as report.json writes it.`);
}
