import type { RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../evidence-name.ts';
import { displayPath } from '../display-name.ts';
import type { DirectoryNode, Item, ItemKind, ItemTimes, Recovery, WalkEvent } from '../item.ts';
import { DATA, INDEX_ROOT, type AttributeTable } from './attributes.ts';
import { nameForNameless, ORPHANS, type DirectoryTree } from './directory-tree.ts';
import { chooseLinks, copyName, parentEntryOf, parentSequenceOf } from './file-names.ts';
import { NO_TIMES, readTimes } from './file-times.ts';
import { readU32, RECORD_IN_USE, RECORD_IS_DIRECTORY } from './fix-ups.ts';
import { MetadataStream } from './mft-stream.ts';
import { ROOT_ENTRY, type RecordIndex } from './record-index.ts';
import { reparseMeaning, type ReparseMeaning } from './reparse-points.ts';
import { RunTable } from './run-list.ts';
import type { ClusterSpace, StreamFault } from './stream-extents.ts';
import type { StreamFacts, StreamReader } from './stream-reader.ts';

/** $BadClus: its stream $Bad is as long as the volume and holds nothing but the bad clusters. */
const BAD_CLUSTERS_ENTRY = 8;
/** Entries 12 to 23 are kept for NTFS itself: some systems mark them in use although nothing is in them. */
const FIRST_RESERVED = 12;
const FIRST_USER_ENTRY = 24;

const NO_PARTS: readonly number[] = Object.freeze([]);
const INDEX_OF_NAMES = Buffer.from('$I30', 'utf16le');
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });
const NO_CONTENT: StreamFacts = {
  sizeBytes: 0,
  content: { form: 'none', reason: 'not-content' },
  faults: [],
  isStored: false,
  partial: false,
  recovery: null,
};

/** Every file that Windows makes has a $DATA attribute, if an empty one. */
const DATA_MISSING: StreamFacts = {
  ...NO_CONTENT,
  faults: [{ kind: 'malformed', code: 'ntfs-data-missing', message: 'its record holds no $DATA attribute: where its content was cannot be told' }],
};

/** Where an item stands in the tree. */
interface Place {
  readonly parent: DirectoryNode | null;
  readonly name: EvidenceName;
  readonly state: Item['state'];
  /** Entry of a directory that should lead here and does not; said once, with the first item. */
  lostParent: number;
}

/** Turns the gathered attributes of one file into its items: one per link and stream. */
export class FileReader {
  readonly #volumeId: string;
  readonly #source: RandomAccessSource;
  readonly #space: ClusterSpace;
  readonly #index: RecordIndex;
  readonly #tree: DirectoryTree;
  readonly #streams: StreamReader;
  readonly #links: number[] = [];
  readonly #places: Place[] = [];

  constructor(volumeId: string, source: RandomAccessSource, space: ClusterSpace, index: RecordIndex, tree: DirectoryTree, streams: StreamReader) {
    this.#volumeId = volumeId;
    this.#source = source;
    this.#space = space;
    this.#index = index;
    this.#tree = tree;
    this.#streams = streams;
  }

  /**
   * @param table attributes of base record `entry` and of its extension records
   * @param hasExtensions false lets the common case skip looking for continued streams
   * @param maxItems an excess of links × streams is cut there
   * @param out receives items and problems
   * @returns false when `maxItems` cut something off
   */
  read(table: AttributeTable, entry: number, hasExtensions: boolean, maxItems: number, out: WalkEvent[]): boolean {
    const flags = this.#index.flags[entry]!;
    const inUse = (flags & RECORD_IN_USE) !== 0;
    const isDirectory = (flags & RECORD_IS_DIRECTORY) !== 0;
    this.#findPlaces(table, entry, inUse, isDirectory);
    const times = this.#times(table);
    const continued = hasExtensions ? groupContinued(table) : null;
    const reparse = this.#reparse(table);
    const before = out.length;
    const limit = before + maxItems;
    let found = 0;
    let isContinued = false;
    for (let i = 0; i < table.count; i++) {
      const type = table.type[i];
      if (type !== DATA && type !== INDEX_ROOT) continue;
      if (!table.isResident(i) && table.hasRunList(i) && table.firstVcn(i) !== 0) {
        isContinued = true;
        continue;
      }
      const nameLength = table.nameLength(i);
      if (type === INDEX_ROOT && (nameLength <= 0 || table.name(i).equals(INDEX_OF_NAMES))) continue;
      const parts = continued?.get(streamKey(table, i)) ?? NO_PARTS;
      const facts = this.#streams.read(table, i, parts, inUse);
      const id = `${entry}-${type}-${table.identifier(i)}`;
      found++;
      if (nameLength === 0 && !isDirectory) this.#emitUnnamed(id, facts, times, reparse, limit, out);
      else {
        // Data of a directory itself has no place in Windows, and so may hide there: a stream without a name.
        const bytes = nameLength <= 0 ? Buffer.alloc(0) : Buffer.from(table.name(i));
        const shown = entry === BAD_CLUSTERS_ENTRY && !facts.isStored ? { ...facts, content: NO_CONTENT.content } : facts;
        this.#emit('stream', { bytes, encoding: 'utf-16le' }, id, shown, times, limit, out);
      }
    }
    // The root is where paths begin, not an item.
    if (isDirectory && entry !== ROOT_ENTRY) this.#emit(reparse === 'link' ? 'other' : 'directory', null, directoryId(table, entry), NO_CONTENT, times, limit, out);
    else if (!isDirectory && found === 0) this.#emit('file', null, `${entry}`, inUse && entry >= FIRST_USER_ENTRY ? DATA_MISSING : NO_CONTENT, times, limit, out);
    if (isContinued) this.#reportLostParts(table, entry, out);
    return out.length < limit;
  }

  #emitUnnamed(id: string, facts: StreamFacts, times: ItemTimes, reparse: ReparseMeaning, limit: number, out: WalkEvent[]): void {
    // A link has no data of its own. One that has some is read: a tag is quickly set, and must not hide a file.
    if (reparse === 'link' && facts.sizeBytes === 0 && facts.faults.length === 0) {
      this.#emit('other', null, id, { ...NO_CONTENT, recovery: facts.recovery }, times, limit, out);
    } else if (reparse !== 'plain' && reparse !== 'link' && facts.sizeBytes > 0 && (reparse === 'wof' || !facts.isStored)) {
      const code = reparse === 'wof' ? 'ntfs-wof-compressed' : 'ntfs-content-elsewhere';
      const message =
        reparse === 'wof'
          ? 'it is compressed by Windows (WOF), which is not handled: its content was not read'
          : 'its content is not on this volume or kept in a store of its own (cloud, deduplication, archive)';
      const fault = { kind: 'unsupported' as const, code, message };
      this.#emit('file', null, id, { ...facts, content: { form: 'none', reason: 'unsupported' }, faults: [fault] }, times, limit, out);
    } else this.#emit('file', null, id, facts, times, limit, out);
  }

  #emit(kind: ItemKind, streamName: EvidenceName | null, id: string, facts: StreamFacts, times: ItemTimes, limit: number, out: WalkEvent[]): void {
    for (let p = 0; p < this.#places.length; p++) {
      const place = this.#places[p]!;
      if (out.length >= limit) return;
      const item: Item = {
        kind,
        parent: place.parent,
        name: place.name,
        streamName,
        sizeBytes: facts.sizeBytes,
        state: place.state,
        id,
        times,
        content: facts.content,
        recovery: place.state === 'allocated' ? null : (facts.recovery ?? RUNS_SURVIVE),
        partial: facts.partial,
      };
      out.push({ type: 'item', item });
      if (facts.faults.length > 0) for (const fault of facts.faults) out.push(this.#problemOf(item, fault));
      if (place.lostParent < 0) continue;
      const message = `it is in use, but its directory (record ${place.lostParent}) is not: shown as an orphan`;
      out.push(this.#problemOf(item, { kind: 'malformed', code: 'ntfs-parent-lost', message }));
      place.lostParent = -1;
    }
  }

  #problemOf(item: Item, fault: StreamFault): WalkEvent {
    return { type: 'problem', problem: { ...fault, where: { path: displayPath(this.#volumeId, item), volume: this.#volumeId } } };
  }

  /** Fills `#places` with one place per link; a file without a name gets one among the orphans. */
  #findPlaces(table: AttributeTable, entry: number, inUse: boolean, isDirectory: boolean): void {
    this.#places.length = 0;
    if (entry === ROOT_ENTRY) {
      this.#places.push({ parent: null, name: { bytes: Buffer.from('.', 'utf16le'), encoding: 'utf-16le' }, state: 'allocated', lostParent: -1 });
      return;
    }
    chooseLinks(table, this.#links);
    for (let l = 0; l < this.#links.length; l++) this.#places.push(this.#placeOf(table, this.#links[l]!, entry, inUse, isDirectory));
    if (this.#places.length > 0 || isEmptyRecord(table, entry, inUse)) return;
    this.#places.push({ parent: ORPHANS, name: { bytes: nameForNameless(entry), encoding: 'utf-16le' }, state: 'orphan', lostParent: -1 });
  }

  #placeOf(table: AttributeTable, link: number, entry: number, inUse: boolean, isDirectory: boolean): Place {
    const name: EvidenceName = { bytes: copyName(table, link), encoding: 'utf-16le' };
    const parentEntry = parentEntryOf(table, link);
    const directory = this.#index.directoryAt(parentEntry, parentSequenceOf(table, link));
    // A directory of a cycle, or below the deepest path, stands where the tree put it.
    const own = isDirectory && this.#links.length === 1 && directory >= 0 ? this.#tree.node(entry) : null;
    const parent = directory < 0 ? ORPHANS : own === null ? this.#tree.node(directory) : own.parent;
    const standing = directory < 0 ? 'lost' : this.#tree.standing(own === null ? directory : entry);
    if (standing === 'lost' || (standing === 'deleted' && inUse)) {
      const lostParent = inUse && (directory < 0 || standing === 'deleted') ? parentEntry : -1;
      return { parent, name, state: 'orphan', lostParent };
    }
    return { parent, name, state: inUse ? 'allocated' : 'deleted', lostParent: -1 };
  }

  #times(table: AttributeTable): ItemTimes {
    const i = table.standardInformation;
    const at = i < 0 ? -1 : table.valueAt(i);
    return at < 0 || table.valueLength(i) < 32 ? NO_TIMES : readTimes(table.bytes[i]!, at);
  }

  #reparse(table: AttributeTable): ReparseMeaning {
    const i = table.reparsePoint;
    if (i < 0) return 'plain';
    if (table.isResident(i)) {
      const at = table.valueAt(i);
      return at < 0 || table.valueLength(i) < 4 ? 'plain' : reparseMeaning(readU32(table.bytes[i]!, at));
    }
    const runs = new RunTable();
    if (!table.hasRunList(i) || !table.appendRuns(i, runs)) return 'plain';
    const stream = new MetadataStream(this.#source, runs, this.#space.clusterSizeBytes, 4);
    const tag = Buffer.alloc(4);
    return stream.read(tag, 0).length > 0 ? 'plain' : reparseMeaning(readU32(tag, 0));
  }

  /** Continued parts whose beginning is in no record found: their content cannot be placed. */
  #reportLostParts(table: AttributeTable, entry: number, out: WalkEvent[]): void {
    const heads = new Set<string>();
    for (let i = 0; i < table.count; i++) if (isHead(table, i)) heads.add(streamKey(table, i));
    for (const key of groupContinued(table).keys()) {
      if (heads.has(key)) continue;
      out.push({
        type: 'problem',
        problem: {
          kind: 'malformed',
          code: 'ntfs-runs-incomplete',
          message: `record ${entry}: the beginning of a stream is missing, so its content could not be placed`,
          where: { volume: this.#volumeId },
        },
      });
    }
  }
}

/** True for a record that says nothing: never used, wiped, or kept for NTFS itself. */
function isEmptyRecord(table: AttributeTable, entry: number, inUse: boolean): boolean {
  const reserved = entry >= FIRST_RESERVED && entry < FIRST_USER_ENTRY;
  if (inUse && !reserved) return false;
  for (let i = 0; i < table.count; i++) {
    if (table.type[i] !== DATA) continue;
    const size = table.isResident(i) ? table.valueLength(i) : table.hasRunList(i) ? table.sizeBytes(i) : 0;
    if (size > 0) return false;
  }
  return true;
}

function directoryId(table: AttributeTable, entry: number): string {
  for (let i = 0; i < table.count; i++) if (table.type[i] === INDEX_ROOT) return `${entry}-${INDEX_ROOT}-${table.identifier(i)}`;
  return `${entry}`;
}

function isHead(table: AttributeTable, i: number): boolean {
  return table.type[i] === DATA && (table.isResident(i) || !table.hasRunList(i) || table.firstVcn(i) === 0);
}

/** Attributes that continue a stream, by stream, VCNs ascending. */
function groupContinued(table: AttributeTable): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < table.count; i++) {
    if (table.type[i] !== DATA || isHead(table, i)) continue;
    const key = streamKey(table, i);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  for (const group of groups.values()) group.sort((a, b) => table.firstVcn(a) - table.firstVcn(b));
  return groups;
}

function streamKey(table: AttributeTable, i: number): string {
  return `${table.type[i]} ${table.nameLength(i) > 0 ? table.name(i).toString('latin1') : ''}`;
}
