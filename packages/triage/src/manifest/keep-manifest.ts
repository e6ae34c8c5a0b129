import { hash } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, type JsonValue, type UnitKeys } from '@kerbside/ledger';
import type { SourceFacts } from '@kerbside/evidence';
import { STATUS, type Catalogue } from '../catalogue.ts';
import { DIGEST_BIT, type PackedDigest } from '../digests.ts';
import type { HashJob, HashResult } from '../hash-job.ts';
import type { Journal } from '../journal.ts';
import { MANIFEST_NAME } from '../out-folder.ts';
import { recordsOfBatch } from './batch-records.ts';
import { createItemEncoder, type ItemState, type ManifestItem } from './item-record.ts';
import { createManifestWriter, manifestCodeKeys, type ManifestKeys } from './manifest-writer.ts';

/** What a run is told of the manifest it is to leave. */
export interface ManifestWish {
  /** Until when it may be kept, UTC in ISO 8601. A run taken up again keeps the date of its first session. */
  readonly expiresAt: string;
  /** The officer's own word for the exhibit, or null. */
  readonly label: string | null;
}

/** Digests made of every item that is read while a manifest is kept: a later set may have either. */
export const MANIFEST_DIGESTS = DIGEST_BIT.md5 | DIGEST_BIT.sha1;

/** Items handed to the writer at a time. */
const ITEMS_AT_ONCE = 4096;

/** Gathers a run's manifest: codes as items are read, what became of the others at the end. */
export interface ManifestKeeper {
  /** Until when the manifest may be kept, UTC in ISO 8601. */
  readonly expiresAt: string;
  /** Keys under which the survey's threads are to sample codes. */
  readonly codeKeys: readonly Uint8Array[];
  /** Records of a finished batch, for the journal. @param isWhole false for an entry of which only part could be read */
  recordsOf(job: HashJob, result: HashResult, isWhole: (entry: number) => boolean): Uint8Array;
  /** An item held in metadata, which every session lists anew. */
  addInline(sizeBytes: number, digests: readonly PackedDigest[]): void;
  /** Writes the manifest from the journal and the catalogue. @param complete whether all of the source was seen */
  finish(catalogue: Catalogue, complete: boolean): void;
  /** Lets go of what was gathered. Harmless after `finish`. */
  abandon(): void;
}

/**
 * @throws RefusedError `manifest-key-unfit`, `manifest-not-writable`
 */
export function keepManifest(wish: ManifestWish, run: { readonly outFolder: string; readonly source: SourceFacts; readonly journal: Journal; readonly unit: UnitKeys; readonly setCodeKeys: readonly Uint8Array[]; readonly toolVersion: string; readonly startedAt: string }): ManifestKeeper {
  const { journal, source } = run;
  const keys: ManifestKeys = { unit: run.unit, setCodeKeys: run.setCodeKeys };
  const codeKeys = manifestCodeKeys(keys);
  const encoder = createItemEncoder(codeKeys);
  const expiresAt = journal.fact('manifest expires') ?? wish.expiresAt;
  journal.setFact('manifest expires', expiresAt);
  const sourceDigest = hash('sha256', canonicalJson({ kind: source.kind, sizeBytes: source.sizeBytes, details: source.details } as unknown as JsonValue), 'hex');
  const facts = {
    label: wish.label,
    sourceDigest,
    sourceBytes: source.sizeBytes,
    runId: hash('sha256', `${sourceDigest} ${run.startedAt}`, 'hex').slice(0, 32),
    toolVersion: run.toolVersion,
    createdAt: run.startedAt,
    expiresAt,
  };
  const writer = createManifestWriter(join(run.outFolder, MANIFEST_NAME), facts, keys);
  let inline: ManifestItem[] = [];
  const flushInline = (): void => {
    writer.add(inline);
    inline = [];
  };
  return {
    expiresAt,
    codeKeys,
    recordsOf: (job, result, isWhole) => recordsOfBatch(encoder, job, result, isWhole),
    addInline(sizeBytes, digests) {
      inline.push({ sizeBytes, state: 'read', ...Object.fromEntries(digests.map(({ algorithm, bytes }) => [algorithm, bytes])) });
      if (inline.length >= ITEMS_AT_ONCE) flushInline();
    },
    finish(catalogue, complete) {
      flushInline();
      for (const records of journal.manifestRecords()) writer.addEncoded(records);
      for (const items of itemsWithoutCodes(catalogue)) writer.add(items);
      for (const [index, keyId] of writer.codeKeyIds.entries()) for (const code of journal.survey.manifestCodes(index)) writer.addBlocks(keyId, code, 1);
      writer.finish(complete);
    },
    abandon: () => writer.abandon(),
  };
}

/** Items that were not read: only their lengths are known, so that a later set can say which to look at again. */
function* itemsWithoutCodes(catalogue: Catalogue): Generator<ManifestItem[]> {
  let items: ManifestItem[] = [];
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const state = stateWithoutCodes(catalogue.status(ordinal));
    if (state === null) continue;
    items.push({ sizeBytes: catalogue.sizeBytes(ordinal), state });
    if (items.length < ITEMS_AT_ONCE) continue;
    yield items;
    items = [];
  }
  yield items;
}

/** Null for items that have codes already, and for what holds nothing to know. */
function stateWithoutCodes(status: number): ItemState | null {
  switch (status) {
    case STATUS.gated:
      return 'gated';
    case STATUS.problem:
      return 'problem';
    case STATUS.pending:
      return 'unread';
    default:
      return null;
  }
}
