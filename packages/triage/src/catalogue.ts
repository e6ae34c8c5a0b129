import { createHash } from 'node:crypto';
import { displayName, type DirectoryNode, type Extent, type Item, type ItemState, type Recovery } from '@kerbside/evidence';
import { decodeExtents, encodeExtent, EXTENT_COMPRESSED, EXTENT_DATA, EXTENT_HOLE, EXTENT_UNINITIALISED, extentKind, extentLength, nextExtent } from './extent-code.ts';
import { bytesColumn, doublesColumn, floatsColumn, TextArena, wordsColumn } from './growing-columns.ts';

/** What the plan made of an item; the counts of the coverage are counts of these. */
export const STATUS = { pending: 0, read: 1, gated: 2, skipped: 3, problem: 4, directory: 5, other: 6 } as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/** Where an item's content is, as one number of a column. */
export const FORM = { extents: 0, inline: 1, hostFile: 2, none: 3 } as const;

const STATES = ['allocated', 'deleted', 'orphan', 'carved'] as const;
const BASES = ['runs-survive', 'contiguous-guess', 'no-runs', 'clusters-reused', 'carved'] as const;

/** Flag bits of an item. */
export const FLAG = { stream: 1, partial: 2, uninitialised: 4, compressed: 8, badExtents: 16, inOrphanStage: 32 } as const;

const NO_FOLDER = 0xffffffff;

/**
 * The items of one run in columns: about 80 bytes each and their name. An item is known by its
 * ordinal, its place in the walk; the same bytes give the same walk and so the same ordinals, which
 * is why the journal needs no table of items.
 */
export class Catalogue {
  /** Number of items. */
  length = 0;
  /** Volume names in the order of their first item; a folder source has one empty name. */
  readonly volumeIds: string[] = [];
  readonly #size = doublesColumn();
  readonly #modified = doublesColumn();
  readonly #folder = wordsColumn();
  readonly #nameStart = wordsColumn();
  readonly #nameEnd = wordsColumn();
  readonly #idEnd = wordsColumn();
  readonly #extentStart = wordsColumn();
  readonly #pairs = doublesColumn();
  readonly #form = bytesColumn();
  readonly #state = bytesColumn();
  readonly #flags = bytesColumn();
  readonly #basis = bytesColumn();
  readonly #status = bytesColumn();
  readonly #reusedShare = floatsColumn();
  readonly #text = new TextArena();
  /** Kept as they change: the meter asks several times a second, and counting a million items takes its time. */
  #liveFiles = 0;
  #liveFilesChecked = 0;
  readonly #folderParent = wordsColumn();
  readonly #folderVolume = wordsColumn();
  readonly #folderNameStart = wordsColumn();
  readonly #folderNameEnd = wordsColumn();
  /** By volume: readers share one node for what has no directory, such as `$OrphanFiles`, between all their volumes. */
  readonly #folderIds = new Map<string, WeakMap<DirectoryNode, number>>();
  #rootFolders = new Map<string, number>();
  #lastParent: DirectoryNode | null = null;
  #lastVolume: string | null = null;
  #lastFolder = NO_FOLDER;

  /**
   * Adds one item and returns its ordinal.
   * @param volumeId first component of its path; empty for a folder source
   */
  add(volumeId: string, item: Item, inOrphanStage = false): number {
    const ordinal = this.length;
    this.length += 1;
    this.#size.push(item.sizeBytes);
    const modified = item.times.modified;
    this.#modified.push(modified === null ? Number.NaN : modified.seconds);
    this.#folder.push(this.#folderOf(volumeId, item.parent));
    const name = displayName(item.name);
    this.#nameStart.push(this.#text.append(item.streamName === null ? name : `${name}:${displayName(item.streamName)}`));
    this.#nameEnd.push(this.#text.length);
    this.#text.append(item.id);
    this.#idEnd.push(this.#text.length);
    this.#state.push(STATES.indexOf(item.state));
    this.#basis.push(item.recovery === null ? BASES.length : BASES.indexOf(item.recovery.basis));
    this.#reusedShare.push(item.recovery?.basis === 'clusters-reused' ? item.recovery.reusedShare : 0);
    let flags = (item.kind === 'stream' ? FLAG.stream : 0) | (item.partial ? FLAG.partial : 0) | (inOrphanStage ? FLAG.inOrphanStage : 0);
    this.#extentStart.push(this.#pairs.length / 2);
    flags |= this.#addContent(item);
    this.#flags.push(flags);
    const status = firstStatus(item);
    this.#status.push(status);
    if (item.state === 'allocated' && status !== STATUS.directory && status !== STATUS.other) {
      this.#liveFiles += 1;
      if (isChecked(status)) this.#liveFilesChecked += 1;
    }
    return ordinal;
  }

  sizeBytes(ordinal: number): number {
    return this.#size.at(ordinal);
  }

  /** Last modification in seconds since 1970, NaN where unknown. */
  modifiedSeconds(ordinal: number): number {
    return this.#modified.at(ordinal);
  }

  form(ordinal: number): number {
    return this.#form.at(ordinal);
  }

  flags(ordinal: number): number {
    return this.#flags.at(ordinal);
  }

  state(ordinal: number): ItemState {
    return STATES[this.#state.at(ordinal)] ?? 'orphan';
  }

  recovery(ordinal: number): Recovery | null {
    const basis = BASES[this.#basis.at(ordinal)];
    if (basis === undefined) return null;
    return basis === 'clusters-reused' ? { basis, reusedShare: Math.round(this.#reusedShare.at(ordinal) * 1e6) / 1e6 } : { basis };
  }

  status(ordinal: number): Status {
    return this.#status.at(ordinal) as Status;
  }

  setStatus(ordinal: number, status: Status): void {
    if (this.state(ordinal) === 'allocated') this.#liveFilesChecked += Number(isChecked(status)) - Number(isChecked(this.status(ordinal)));
    this.#status.set(ordinal, status);
  }

  /**
   * Live files, and how many of them were checked against every set that can hold them. A file of a length that no
   * set holds is checked by its length alone; an empty one has nothing to check.
   */
  get liveFiles(): { readonly filesChecked: number; readonly filesTotal: number } {
    return { filesChecked: this.#liveFilesChecked, filesTotal: this.#liveFiles };
  }

  /** Inode, record or entry offset, as the file system names it. */
  id(ordinal: number): string {
    return this.#text.text(this.#nameEnd.at(ordinal), this.#idEnd.at(ordinal));
  }

  name(ordinal: number): string {
    return this.#text.text(this.#nameStart.at(ordinal), this.#nameEnd.at(ordinal));
  }

  /** Display path, volume first. */
  path(ordinal: number): string {
    const folder = this.folderPath(this.#folder.at(ordinal));
    return folder === '' ? this.name(ordinal) : `${folder}/${this.name(ordinal)}`;
  }

  /** Number of the folder that holds the item; folders are numbered from 0 in the order they are met. */
  folder(ordinal: number): number {
    return this.#folder.at(ordinal);
  }

  get folderCount(): number {
    return this.#folderParent.length;
  }

  volumeOf(ordinal: number): string {
    return this.volumeIds[this.#folderVolume.at(this.#folder.at(ordinal))] ?? '';
  }

  /** Display path of a folder, built by walking up; paths are not kept. */
  folderPath(folder: number): string {
    const parts: string[] = [];
    let at = folder;
    while (this.#folderParent.at(at) !== NO_FOLDER) {
      parts.push(this.#text.text(this.#folderNameStart.at(at), this.#folderNameEnd.at(at)));
      at = this.#folderParent.at(at);
    }
    const volumeId = this.volumeIds[this.#folderVolume.at(at)] ?? '';
    if (volumeId !== '') parts.push(volumeId);
    return parts.reverse().join('/');
  }

  /** Offset on the source of the item's first stored byte, or -1: a hole, nothing, or a host file. */
  firstOffset(ordinal: number): number {
    if (this.form(ordinal) === FORM.hostFile) return -1;
    const end = this.extentEnd(ordinal);
    for (let at = this.extentStart(ordinal); at < end; at = nextExtent(this.#pairs.values, at)) {
      const kind = extentKind(this.#pairs.at(at * 2 + 1));
      if (kind === EXTENT_DATA || kind === EXTENT_UNINITIALISED) return this.#pairs.at(at * 2);
      if (kind === EXTENT_COMPRESSED && at + 1 < end) return this.#pairs.at((at + 1) * 2);
    }
    return -1;
  }

  extentStart(ordinal: number): number {
    return this.#extentStart.at(ordinal);
  }

  /** Pair index after the item's last extent. */
  extentEnd(ordinal: number): number {
    return ordinal + 1 < this.length ? this.#extentStart.at(ordinal + 1) : this.#pairs.length / 2;
  }

  /** The pairs of all items (extent-code.ts); valid until the next `add`. */
  get pairs(): Float64Array {
    return this.#pairs.values;
  }

  extents(ordinal: number): Extent[] {
    return decodeExtents(this.#pairs.values, this.extentStart(ordinal), this.extentEnd(ordinal));
  }

  /** Path on this computer of an item of a folder source. */
  hostPath(ordinal: number): Uint8Array {
    const at = this.extentStart(ordinal) * 2;
    return this.#text.bytes(this.#pairs.at(at), this.#pairs.at(at + 1));
  }

  /** Bytes that would have to come from the source to read the item: no holes. */
  storedBytes(ordinal: number): number {
    const form = this.form(ordinal);
    if (form === FORM.inline || form === FORM.hostFile) return this.sizeBytes(ordinal);
    if (form === FORM.none) return 0;
    let sum = 0;
    const end = this.extentEnd(ordinal);
    for (let at = this.extentStart(ordinal); at < end; at = nextExtent(this.#pairs.values, at)) {
      const code = this.#pairs.at(at * 2 + 1);
      const kind = extentKind(code);
      if (kind === EXTENT_COMPRESSED) {
        for (let run = at + 1; run <= at + this.#pairs.at(at * 2); run++) sum += this.#pairs.at(run * 2 + 1);
      } else if (kind !== EXTENT_HOLE) sum += extentLength(code);
    }
    return sum;
  }

  #addContent(item: Item): number {
    const { content } = item;
    let flags = 0;
    const push = (value: number): void => this.#pairs.push(value);
    switch (content.form) {
      case 'none':
        this.#form.push(FORM.none);
        return flags;
      case 'inline':
        this.#form.push(FORM.inline);
        if (!encodeExtent({ kind: 'data', sourceOffset: Math.max(0, content.sourceOffset), length: content.bytes.byteLength }, push)) flags |= FLAG.badExtents;
        if (content.bytes.byteLength !== item.sizeBytes) flags |= FLAG.badExtents;
        return flags;
      case 'host-file': {
        this.#form.push(FORM.hostFile);
        const start = this.#text.appendBytes(content.hostPath);
        // The id ends where the next text begins, so the path's place is kept as a pair of its own.
        push(start);
        push(start + content.hostPath.byteLength);
        return flags;
      }
      case 'extents': {
        this.#form.push(FORM.extents);
        let sum = 0;
        for (const extent of content.extents) {
          if (!encodeExtent(extent, push)) flags |= FLAG.badExtents;
          sum += extent.length;
          if (extent.kind === 'uninitialised') flags |= FLAG.uninitialised;
          if (extent.kind === 'compressed-unit') flags |= FLAG.compressed;
        }
        if (sum !== item.sizeBytes) flags |= FLAG.badExtents;
        return flags;
      }
    }
  }

  /** Bytes held for items and folders, without the room the columns keep to grow (at most half as much again). */
  usedBytes(): number {
    const doubles = this.#size.length + this.#modified.length + this.#pairs.length;
    const words = this.#folder.length + this.#nameStart.length + this.#nameEnd.length + this.#idEnd.length + this.#extentStart.length + this.#reusedShare.length + this.#folderParent.length * 4;
    return doubles * 8 + words * 4 + this.length * 5 + this.#text.length;
  }

  /** A digest of all names, dates, lengths and places, to know that a walk gave the same items again. */
  fingerprint(): string {
    const digest = createHash('sha256');
    for (const column of [this.#size, this.#modified, this.#extentStart, this.#pairs, this.#nameEnd]) {
      const values = column.values.subarray(0, column.length);
      digest.update(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    }
    digest.update(this.#text.filled);
    return digest.digest('hex');
  }

  #folderOf(volumeId: string, parent: DirectoryNode | null): number {
    if (parent === this.#lastParent && volumeId === this.#lastVolume) return this.#lastFolder;
    const folder = parent === null ? this.#rootFolder(volumeId) : this.#folderNumber(volumeId, parent);
    this.#lastParent = parent;
    this.#lastVolume = volumeId;
    this.#lastFolder = folder;
    return folder;
  }

  #rootFolder(volumeId: string): number {
    const known = this.#rootFolders.get(volumeId);
    if (known !== undefined) return known;
    this.volumeIds.push(volumeId);
    const folder = this.#addFolder(NO_FOLDER, this.volumeIds.length - 1, '');
    this.#rootFolders.set(volumeId, folder);
    return folder;
  }

  #folderNumber(volumeId: string, node: DirectoryNode): number {
    const ids = this.#folderIds.get(volumeId) ?? new WeakMap<DirectoryNode, number>();
    this.#folderIds.set(volumeId, ids);
    const known = ids.get(node);
    if (known !== undefined) return known;
    // Climbs without recursion: the reader bounds depth, but this must not rest on it.
    const chain: DirectoryNode[] = [];
    let at: DirectoryNode | null = node;
    while (at !== null && !ids.has(at)) {
      chain.push(at);
      at = at.parent;
    }
    let folder = at === null ? this.#rootFolder(volumeId) : ids.get(at)!;
    const volume = this.#folderVolume.at(folder);
    for (let i = chain.length - 1; i >= 0; i--) {
      folder = this.#addFolder(folder, volume, displayName(chain[i]!.name));
      ids.set(chain[i]!, folder);
    }
    return folder;
  }

  #addFolder(parent: number, volume: number, name: string): number {
    this.#folderParent.push(parent);
    this.#folderVolume.push(volume);
    this.#folderNameStart.push(this.#text.append(name));
    this.#folderNameEnd.push(this.#text.length);
    return this.#folderParent.length - 1;
  }
}

function isChecked(status: Status): boolean {
  return status === STATUS.read || status === STATUS.gated || status === STATUS.skipped;
}

/** Holes from end to end, and not because something is missing: there is no byte of it to read. */
function isSparseThroughout({ content, partial, sizeBytes }: Item): boolean {
  if (content.form !== 'extents' || partial || content.extents.length === 0) return false;
  return content.extents.every((extent) => extent.kind === 'hole') && content.extents.reduce((sum, extent) => sum + extent.length, 0) === sizeBytes;
}

/** What is known of an item before any plan: what it is, and whether there is anything to read. */
function firstStatus(item: Item): Status {
  // Whatever a reader calls it: what has content is read.
  if (item.content.form === 'none') {
    if (item.kind === 'directory') return STATUS.directory;
    if (item.kind === 'other') return STATUS.other;
  }
  if (item.content.form !== 'none') return item.sizeBytes === 0 || isSparseThroughout(item) ? STATUS.skipped : STATUS.pending;
  switch (item.content.reason) {
    case 'encrypted':
    case 'unsupported':
    case 'damaged':
      return STATUS.problem;
    case 'no-runs':
      // A deleted item with nothing left is skipped; an allocated one without places is for the plan to tell.
      return item.sizeBytes === 0 || item.state !== 'allocated' ? STATUS.skipped : STATUS.pending;
    case 'not-content':
      // Only a stream may be a mere stand-in (NTFS bad-cluster list); a file of some length has content somewhere.
      return item.kind === 'file' && item.sizeBytes > 0 ? STATUS.pending : STATUS.skipped;
  }
}
