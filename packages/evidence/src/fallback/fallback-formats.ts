import { MediumError, UnsupportedError, problemFrom, type Problem } from '@kerbside/bytes';
import { matchSignature, type Signature } from '../encryption/signature-table.ts';
import type { FileSystem, FileSystemFormat } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import type { SourceLocator } from '../source-contract.ts';
import type { Volume } from '../volume.ts';
import { readQuietly } from '../volumes/read-quietly.ts';
import { openApfs } from './apfs-file-system.ts';
import { parseDfxml } from './dfxml.ts';
import { requireSandboxedPrograms } from './sandboxed-command.ts';
import { startSandboxedRun, type SandboxedRun } from './sandboxed-run.ts';
import { tskEvidence, type TskEvidence } from './tsk-evidence.ts';
import { itemsOf } from './tsk-items.ts';

/** One listing; the reference measurement is 15,000 items a second. */
const LISTING_TIMEOUT_MS = 15 * 60 * 1000;
const LISTING_CPU_SECONDS = 15 * 60;
/** About 800 bytes for each item: 5 million. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024 * 1024;

/** What The Sleuth Kit reads for us. */
const SIGNATURES: readonly Signature[] = [
  { name: 'APFS', signs: [{ offset: 32, bytes: 'NXSB' }] },
  { name: 'HFS+', signs: [{ offset: 1_024, bytes: 'H+\x00\x04' }] },
  { name: 'HFS+', signs: [{ offset: 1_024, bytes: 'HX\x00\x05' }] },
  { name: 'ISO 9660', signs: [{ offset: 32_769, bytes: 'CD001' }] },
  ...['\x19\x01\x54\x19', '\x19\x54\x01\x19'].flatMap((magic) => [65_536, 8_192, 262_144].map((start): Signature => ({ name: 'UFS', signs: [{ offset: start + 1_372, bytes: magic }] }))),
  ...['\x54\x19\x01\x00', '\x00\x01\x19\x54'].map((magic): Signature => ({ name: 'UFS', signs: [{ offset: 8_192 + 1_372, bytes: magic }] })),
];

/** A disc that also carries UDF may hold files that its ISO 9660 part does not name. */
const UDF: readonly Signature[] = [{ name: 'UDF', signs: [{ offset: 32_768, until: 43_008, bytes: 'NSR0' }] }];

/**
 * File systems read through The Sleuth Kit, for sources that it can open by name.
 * @param locator where the bytes are; null for bytes in memory, which have no name
 */
export function fallbackFormats(locator: SourceLocator | null): readonly FileSystemFormat[] {
  if (locator === null) return [];
  return ['APFS', 'HFS+', 'ISO 9660', 'UFS'].map((name): FileSystemFormat => ({
    name,
    detect: (volume) => (matchSignature(volume.source, SIGNATURES) === name ? 'primary' : null),
    open: (volume) => (name === 'APFS' ? openApfs : openThroughFiwalk)(name, volume, tskEvidence(locator)),
  }));
}

function openThroughFiwalk(name: string, volume: Volume, evidence: TskEvidence): FileSystem {
  requireSandboxedPrograms(['fiwalk']);
  return {
    kind: name,
    label: '',
    clusterSizeBytes: clusterSize(name, volume),
    clusterGridOffset: volume.startOffset,
    *walk() {
      if (matchSignature(volume.source, UDF) !== null) {
        yield asEvent(problemFrom(new UnsupportedError('udf-not-read', 'the disc also has a UDF file system, which is not read; its ISO 9660 part is'), placeOf(volume)));
      }
      yield* listThroughFiwalk(volume, evidence);
    },
    *walkOrphans() {},
    *freeRanges() {},
  };
}

/**
 * fiwalk reads every partition of the disk and cannot be told otherwise; it is ended when ours is
 * over, so that only those before it cost time.
 */
function* listThroughFiwalk(volume: Volume, evidence: TskEvidence): Generator<WalkEvent, void, undefined> {
  let run: SandboxedRun;
  try {
    run = startSandboxedRun(
      'fiwalk -z -g -x "$@"; report end $?',
      [`/evidence/${evidence.files[0]!.name}`],
      { evidence: evidence.files, cpuSeconds: LISTING_CPU_SECONDS, maxFileBytes: MAX_LISTING_BYTES },
      LISTING_TIMEOUT_MS,
    );
  } catch (error) {
    yield asEvent(problemFrom(error, placeOf(volume)));
    return;
  }
  try {
    yield* itemsOf(volume, parseDfxml(run.output(), volume.startOffset));
    const failure = run.failure();
    if (failure !== null) yield asEvent(problemFrom(new MediumError('fallback-failed', `The Sleuth Kit ${failure}: the listing of this volume may not be whole`), placeOf(volume)));
  } finally {
    run.stop();
  }
}

function clusterSize(name: string, volume: Volume): number {
  if (name === 'ISO 9660') return 2_048;
  const stated = name === 'HFS+' ? (readQuietly(volume.source, 1_024, 512)?.u32be(40) ?? 0) : 0;
  return stated >= 512 && stated <= 16 * 1024 * 1024 ? stated : 512;
}

function placeOf(volume: Volume): Problem['where'] {
  return { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes };
}

function asEvent(problem: Problem): WalkEvent {
  return { type: 'problem', problem };
}
