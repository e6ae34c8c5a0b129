import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { InternalError, RefusedError, syncFolder, writeFully } from '@kerbside/bytes';
import { codeKeyId, rawPublicKey, signBytes, signerId, type UnitKeys } from '@kerbside/ledger';
import { createBlockSample, type BlockSample } from './block-sample.ts';
import { CODE_KINDS, createItemEncoder, ITEM_STATES, kindsOfRecord, recordShape, stateOfRecord, type CodeKind, type ItemState, type ManifestItem, type RecordShape } from './item-record.ts';
import { headerText, MAX_CODE_KEYS, type BlockCodes, type ManifestFacts, type ManifestHeader } from './manifest-header.ts';
import { encodePrologue, MANIFEST_VERSION, PROLOGUE_BYTES, SIGNATURE_DOMAIN } from './manifest-layout.ts';
import { createRecordSorter, type RecordSorter } from './sorted-records.ts';

/** Keys of a manifest. */
export interface ManifestKeys {
  /** Signs the manifest; codes are made under its code key first. */
  readonly unit: UnitKeys;
  /** Code keys of the block sets of the run: under them later sets of the same owners can be asked. */
  readonly setCodeKeys: readonly Uint8Array[];
}

/** Writes one manifest; its file appears whole under its name when `finish` returns, or never. */
export interface ManifestWriter {
  /** Ids of the code keys, the unit's own first. */
  readonly codeKeyIds: readonly string[];
  add(items: readonly ManifestItem[]): void;
  /** Adds what `createItemEncoder` made of items with the same keys, in whatever session. */
  addEncoded(records: Uint8Array): void;
  /**
   * Takes those of `count` block codes (8 bytes each) that belong to the sample. Of probative blocks only.
   * @throws InternalError when the manifest has no such key
   */
  addBlocks(keyId: string, codes: Uint8Array, count: number): void;
  /** @param complete whether the run reached its end and saw all of the source. @throws RefusedError `manifest-not-writable` */
  finish(complete: boolean): ManifestHeader;
  /** Lets go of what was gathered; nothing is left. Harmless after `finish`. */
  abandon(): void;
}

/** The code keys of a manifest in their order, each once. */
export function manifestCodeKeys(keys: ManifestKeys): Uint8Array[] {
  const byId = new Map<string, Uint8Array>();
  for (const key of [...(keys.unit.codeKey === null ? [] : [keys.unit.codeKey]), ...keys.setCodeKeys]) if (!byId.has(codeKeyId(key))) byId.set(codeKeyId(key), key);
  return [...byId.values()];
}

/**
 * Begins a manifest. Memory stays bounded at any number of items (sorted-records.ts, block-sample.ts);
 * the same items and blocks in any order give the same bytes.
 *
 * @throws RefusedError `manifest-key-unfit` without a private key and a code key, `manifest-not-writable`
 */
export function createManifestWriter(path: string, facts: ManifestFacts, keys: ManifestKeys): ManifestWriter {
  const { privateKey } = keys.unit;
  const codeKeys = manifestCodeKeys(keys);
  if (privateKey === null || keys.unit.codeKey === null || codeKeys.length > MAX_CODE_KEYS) {
    throw new RefusedError('manifest-key-unfit', `A manifest needs a unit's whole key file, with its private and its code key, and at most ${MAX_CODE_KEYS} code keys. "kerbside keys" makes one.`);
  }
  const ids = codeKeys.map(codeKeyId);
  const encoder = createItemEncoder(codeKeys);
  const sorter = createRecordSorter(encoder.recordBytes, `${path}.spill`);
  const samples = new Map<string, BlockSample>(ids.map((id) => [id, createBlockSample()]));
  const counts: Record<ItemState, number> = { read: 0, gated: 0, problem: 0, unread: 0 };
  let kindBits = 0;

  const addEncoded = (records: Uint8Array): void => {
    if (records.length % encoder.recordBytes !== 0) throw new InternalError('internal-fault', `${records.length} bytes are no whole records of a manifest`);
    for (let at = 0; at < records.length; at += encoder.recordBytes) {
      kindBits |= kindsOfRecord(records, at);
      counts[stateOfRecord(records, at)] += 1;
    }
    writable(path, () => sorter.add(records));
  };

  return {
    codeKeyIds: ids,
    addEncoded,
    add: (items) => addEncoded(encoder.encode(items)),
    addBlocks(keyId, codes, count) {
      const sample = samples.get(keyId);
      if (sample === undefined) throw new InternalError('internal-fault', `the manifest has no code key ${keyId}`);
      sample.add(codes, count);
    },
    finish(complete) {
      const part = `${path}.part`;
      try {
        return writable(path, () => {
          const file = openSync(part, 'w', 0o600);
          try {
            const kinds = CODE_KINDS.filter((_kind, i) => (kindBits & (1 << i)) !== 0);
            const written = writeParts(file, sorter, kinds, ids, samples);
            const header: ManifestHeader = {
              ...facts,
              format: 'kerbside-manifest',
              version: MANIFEST_VERSION,
              complete,
              itemCounts: { ...counts },
              kinds,
              codeKeys: ids,
              items: { count: ITEM_STATES.reduce((sum, state) => sum + counts[state], 0), sha256: written.itemsSha256 },
              blocks: written.blocks,
              perceptual: 'none',
              signer: { id: signerId(keys.unit.publicKey), publicKey: rawPublicKey(keys.unit.publicKey).toString('hex') },
            };
            const text = Buffer.from(headerText(header));
            const prologue = encodePrologue(text, written.end);
            writeFully(file, Buffer.concat([text, signBytes(SIGNATURE_DOMAIN, prologue, privateKey)]), written.end);
            writeFully(file, prologue, 0);
            fsyncSync(file);
            closeSync(file);
            renameSync(part, path);
            syncFolder(dirname(path));
            return header;
          } catch (error) {
            rmSync(part, { force: true });
            throw error;
          }
        });
      } finally {
        sorter.close();
      }
    },
    abandon: () => sorter.close(),
  };
}

interface WrittenParts {
  readonly itemsSha256: string;
  readonly blocks: readonly BlockCodes[];
  readonly end: number;
}

function writeParts(file: number, sorter: RecordSorter, kinds: readonly CodeKind[], ids: readonly string[], samples: ReadonlyMap<string, BlockSample>): WrittenParts {
  const whole = recordShape(CODE_KINDS, ids.length);
  const kept = recordShape(kinds, ids.length);
  const digest = createHash('sha256');
  let end = PROLOGUE_BYTES;
  for (const piece of sorter.sorted()) {
    const records = keepKinds(piece, whole, kept, ids.length);
    digest.update(records);
    writeFully(file, records, end);
    end += records.length;
  }
  const blocks = ids.map((id): BlockCodes => {
    const { codes, leftOut, below } = samples.get(id)!.finish();
    writeFully(file, codes, end);
    end += codes.length;
    return { codeKeyId: id, count: codes.length / 8, leftOut, below, sha256: createHash('sha256').update(codes).digest('hex') };
  });
  return { itemsSha256: digest.digest('hex'), blocks, end };
}

/** Records without room for the kinds that no item has. Their order stays: what goes is zero in all of them. */
function keepKinds(records: Uint8Array, whole: RecordShape, kept: RecordShape, keys: number): Uint8Array {
  if (kept.lengthBytes === whole.lengthBytes) return records;
  const count = records.length / whole.lengthBytes;
  const narrow = new Uint8Array(count * kept.lengthBytes);
  for (let number = 0; number < count; number++) {
    const from = number * whole.lengthBytes;
    const to = number * kept.lengthBytes;
    for (let i = 0; i < 9; i++) narrow[to + i] = records[from + i]!;
    for (let key = 0; key < keys; key++) {
      for (let kind = 0; kind < CODE_KINDS.length; kind++) {
        if (kept.codeAt[kind]! < 0) continue;
        const source = from + whole.codeAt[kind]! + key * whole.keyStride;
        const target = to + kept.codeAt[kind]! + key * kept.keyStride;
        for (let i = 0; i < 8; i++) narrow[target + i] = records[source + i]!;
      }
    }
  }
  return narrow;
}

function writable<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new RefusedError('manifest-not-writable', `The manifest ${path} could not be written (${error.message}). Give it a folder with room that you may write to.`, {}, error);
  }
}
