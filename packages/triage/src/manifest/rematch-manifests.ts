import { RefusedError } from '@kerbside/bytes';
import { codeKeyId, rawPublicKey, type UnitKeys } from '@kerbside/ledger';
import type { AskableSet } from './askable-set.ts';
import { destroyManifest, type Destroyer } from './destroy-manifest.ts';
import { CODE_KINDS, KIND_BITS, type ItemCounts } from './item-record.ts';
import { createManifestTally, type ItemAnswer, type ManifestTally } from './manifest-tally.ts';
import type { ManifestHeader } from './manifest-header.ts';
import { createSizeQuestion } from './odd-sizes.ts';
import { openManifest, requireTrustedSigner, type OpenManifest } from './open-manifest.ts';
import { RowTableBuilder } from './row-table.ts';

/** Rows met in one round: 60 MB of memory; a longer set takes several rounds, and each reads the manifests again. */
const ROUND_ROWS = 1024 * 1024;

/** Manifests open at once, well below the 1,024 files that a process may have open by default. */
const MANIFESTS_AT_ONCE = 256;

/** Clocks of two machines may differ by this much before a manifest made "in the future" puts the clock in doubt. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** What one set says of one past device. */
export type SetAnswer =
  | (ItemAnswer & {
      readonly asked: true;
      readonly set: string;
      readonly setDigest: string;
      /** False when the set has rows without a length: then every item without a code of the right kind is a candidate. */
      readonly setStatesSizes: boolean;
      /** Block codes of the device that the set holds. A lead, never "file present". Null for a set without blocks. */
      readonly blockLeads: number | null;
      /** Block codes of the device that were asked; none when no survey kept any. */
      readonly blockCodesAsked: number;
    })
  | { readonly asked: false; readonly set: string; readonly setDigest: string; readonly code: string; readonly reason: string };

/** What came of one manifest. */
export type ManifestAnswer =
  | {
      readonly state: 'asked';
      readonly path: string;
      readonly label: string | null;
      readonly runId: string;
      readonly createdAt: string;
      readonly expiresAt: string;
      /** False when the run had not finished: the device may hold more than the manifest lists. */
      readonly complete: boolean;
      readonly itemCounts: ItemCounts;
      /** Made later than this machine's clock says it is: the clock is wrong, and so may be what has expired. */
      readonly madeInFuture: boolean;
      readonly answers: readonly SetAnswer[];
    }
  | { readonly state: 'destroyed'; readonly path: string; readonly label: string | null; readonly runId: string; readonly expiresAt: string; readonly fileDigest: string }
  | { readonly state: 'refused'; readonly path: string; readonly code: string; readonly reason: string };

export interface RematchOptions {
  readonly manifestPaths: readonly string[];
  readonly sets: readonly AskableSet[];
  /** Whose manifests are trusted, and the code keys under which sets of digests can be asked. */
  readonly keys: readonly UnitKeys[];
  readonly now: Date;
  /** Destroys what has expired, and records it. */
  readonly destroyer: Destroyer;
  /** For tests: rows of a round. */
  readonly roundRows?: number;
}

/**
 * Asks past devices, by their manifests, for new sets. Expired manifests are destroyed and not asked; one
 * that cannot be trusted is refused and the others go on. Memory is bounded at any number of manifests and rows.
 *
 * @returns an answer for each path, in the order given
 * @throws RefusedError `set-altered` when a set is damaged, `destruction-log-not-writable`
 */
export function rematchManifests(options: RematchOptions): ManifestAnswer[] {
  const answers = new Map<string, ManifestAnswer>();
  const paths = [...new Set(options.manifestPaths)];
  for (let first = 0; first < paths.length; first += MANIFESTS_AT_ONCE) {
    const open: OpenManifest[] = [];
    try {
      for (const path of paths.slice(first, first + MANIFESTS_AT_ONCE)) {
        const answer = openOrAnswer(path, options, open);
        if (answer !== null) answers.set(path, answer);
      }
      for (const [manifest, setAnswers] of askAll(open, options)) answers.set(manifest.path, askedAnswer(manifest, setAnswers, options.now));
    } finally {
      for (const manifest of open) manifest.close();
    }
  }
  return paths.map((path) => answers.get(path)!);
}

function openOrAnswer(path: string, options: RematchOptions, open: OpenManifest[]): ManifestAnswer | null {
  let manifest: OpenManifest | null = null;
  try {
    manifest = openManifest(path);
    const { label, runId, expiresAt } = manifest.header;
    if (isExpired(manifest.header, options.now)) {
      const fileDigest = destroyManifest(manifest, options.destroyer, options.now);
      manifest.close();
      return { state: 'destroyed', path, label, runId, expiresAt, fileDigest };
    }
    requireTrustedSigner(manifest, options.keys.map(({ publicKey }) => rawPublicKey(publicKey)));
    open.push(manifest);
    return null;
  } catch (error) {
    manifest?.close();
    if (!(error instanceof RefusedError) || !error.code.startsWith('manifest-')) throw error;
    return { state: 'refused', path, code: error.code, reason: error.message };
  }
}

/** True from the moment of the retention date on. */
export function isExpired(header: ManifestHeader, now: Date): boolean {
  return Date.parse(header.expiresAt) <= now.getTime();
}

function askedAnswer(manifest: OpenManifest, answers: readonly SetAnswer[], now: Date): ManifestAnswer {
  const { label, runId, createdAt, expiresAt, complete, itemCounts } = manifest.header;
  const madeInFuture = Date.parse(createdAt) > now.getTime() + CLOCK_SKEW_MS;
  return { state: 'asked', path: manifest.path, label, runId, createdAt, expiresAt, complete, itemCounts, madeInFuture, answers };
}

function askAll(manifests: readonly OpenManifest[], options: RematchOptions): Map<OpenManifest, SetAnswer[]> {
  const answers = new Map<OpenManifest, SetAnswer[]>(manifests.map((manifest) => [manifest, []]));
  const codeKeys = new Map<string, Uint8Array>();
  for (const { codeKey } of options.keys) if (codeKey !== null) codeKeys.set(codeKeyId(codeKey), codeKey);
  const builder = new RowTableBuilder(options.roundRows ?? ROUND_ROWS);
  for (const set of options.sets) {
    const groups = new Map<string, OpenManifest[]>();
    for (const manifest of manifests) {
      const keyId = usableKey(manifest, set, codeKeys);
      if (keyId === null) answers.get(manifest)!.push(keyMissing(set));
      else groups.set(keyId, [...(groups.get(keyId) ?? []), manifest]);
    }
    for (const [keyId, group] of groups) {
      for (const [manifest, answer] of askSet(group, set, keyId, codeKeys.get(keyId) ?? null, builder)) answers.get(manifest)!.push(answer);
    }
  }
  return answers;
}

/** The first of the manifest's keys under which the set can be asked. */
function usableKey(manifest: OpenManifest, set: AskableSet, codeKeys: ReadonlyMap<string, Uint8Array>): string | null {
  return manifest.header.codeKeys.find((id) => (set.codeKeyId === null ? codeKeys.has(id) : id === set.codeKeyId)) ?? null;
}

function keyMissing(set: AskableSet): SetAnswer {
  const reason = set.codeKeyId === null
    ? 'None of the key files given holds a code key that this manifest was made under. Give that unit\'s key file with --key.'
    : `The manifest has no codes under the key ${set.codeKeyId} of this set: no set of that owner was used in its run. The device itself must be examined.`;
  return { asked: false, set: set.name, setDigest: set.digest, code: 'manifest-key-missing', reason };
}

/** Asks manifests that share a code key for one set. */
function askSet(manifests: readonly OpenManifest[], set: AskableSet, keyId: string, codeKey: Uint8Array | null, builder: RowTableBuilder): Map<OpenManifest, SetAnswer> {
  const question = createSizeQuestion(set);
  const tallies = new Map<OpenManifest, ManifestTally>(manifests.map((manifest) => [manifest, createManifestTally(manifest, manifest.header.codeKeys.indexOf(keyId), set.categories)]));
  const meetAll = (): void => {
    if (builder.rows === 0) return;
    const table = builder.build();
    for (const tally of tallies.values()) tally.meet(table);
    builder.clear();
  };
  builder.clear();
  const kinds = manifests.reduce((bits, { header }) => bits | header.kinds.reduce((sum, kind) => sum | (1 << CODE_KINDS.indexOf(kind)), 0), 0);
  for (const batch of set.files(set.codeKeyId === null ? codeKey : null, kinds & KIND_BITS)) {
    question.take(batch);
    for (let from = 0; from < batch.count; ) {
      from = builder.add(batch, from);
      if (from < batch.count) meetAll();
    }
  }
  meetAll();
  return new Map(manifests.map((manifest) => [manifest, {
    asked: true,
    set: set.name,
    setDigest: set.digest,
    setStatesSizes: set.statesSizes,
    ...tallies.get(manifest)!.finish(question),
    ...askBlocks(manifest, manifest.header.codeKeys.indexOf(keyId), set),
  }]));
}

function askBlocks(manifest: OpenManifest, key: number, set: AskableSet): { blockLeads: number | null; blockCodesAsked: number } {
  if (set.findBlocks === null) return { blockLeads: null, blockCodesAsked: 0 };
  let blockLeads = 0;
  for (const codes of manifest.blockCodes(key)) blockLeads += set.findBlocks(codes, codes.length / 8);
  return { blockLeads, blockCodesAsked: manifest.header.blocks[key]!.count };
}
