import { LimitError, MalformedError, problemFrom, type Problem } from '@kerbside/bytes';
import type { ContainerBudget } from '../container-budget.ts';
import { NO_PAX, readPax, type PaxExtension } from './pax-records.ts';
import { BLOCK_BYTES, isZeroBlock, readTarHeader, untilZero, type TarHeader } from './tar-header.ts';
import { describeEntry, type DescribedEntry, type TarEntry } from './tar-entry.ts';

/** The reader asks for bytes by their place, never one before the last; fewer come back at the end of the archive. */
export interface TarRead {
  readonly type: 'read';
  readonly at: number;
  readonly length: number;
}

export type TarStep = TarRead | { readonly type: 'entry'; readonly entry: TarEntry } | { readonly type: 'problem'; readonly problem: Problem };

/** Bytes of a long name or extended header; GNU tar and PAX writers stay far below. */
const MAX_EXTENSION_BYTES = 1024 * 1024;
/** Read at once while looking for the next header. */
const SEARCH_BYTES = 64 * 1024;
/** Extension headers in a row before the member they speak of. */
const MAX_EXTENSIONS = 64;

/**
 * The one reader of TAR, for archives that lie on a source and for those that come as a stream: it only asks for
 * bytes and says what they mean. Damage is told once, and the next sound header looked for.
 * @param endAt where the archive ends, if known
 */
export function* tarSteps(budget: ContainerBudget, endAt: number | null): Generator<TarStep, void, Buffer> {
  let global: PaxExtension = NO_PAX;
  let local: PaxExtension | null = null;
  let longName: Buffer | null = null;
  let extensions = 0;
  let at = 0;
  let hasEnd = false;
  let entries = 0;
  for (;;) {
    const block: Buffer = yield { type: 'read', at, length: BLOCK_BYTES };
    if (block.length < BLOCK_BYTES) {
      if (entries > 0 && (!hasEnd || block.length > 0)) yield told('tar-truncated', `a TAR ends ${hasEnd ? 'inside a block' : 'without its end mark'}: more may be missing`, at);
      if (entries === 0 && !hasEnd) yield told('tar-truncated', 'a TAR ends before its first member', at);
      return;
    }
    const header = readTarHeader(block);
    if (header === null) {
      const isEnd = isZeroBlock(block);
      hasEnd ||= isEnd;
      const next: Resumed = yield* findNextHeader(at, isEnd);
      if (next.strayBytes > 0) yield told(hasEnd && isEnd ? 'tar-bytes-after-end' : 'tar-header-damaged', `${next.strayBytes} bytes of a TAR are no header where one should stand`, at);
      if (next.at === null) {
        if (!hasEnd) yield told('tar-truncated', 'a TAR ends without its end mark: more may be missing', at);
        return;
      }
      at = next.at;
      [local, longName, extensions] = [null, null, 0];
      continue;
    }
    const contentAt = at + BLOCK_BYTES;
    if ('xXgLK'.includes(header.type)) {
      at = contentAt + padded(header.sizeBytes);
      extensions += 1;
      if (header.sizeBytes > MAX_EXTENSION_BYTES || extensions > MAX_EXTENSIONS) {
        yield { type: 'problem', problem: problemFrom(new LimitError('tar-extension-limit', `a TAR has an extended header of ${header.sizeBytes} bytes, or more than ${MAX_EXTENSIONS} in a row; it was passed over`), { offset: contentAt }) };
        continue;
      }
      const text = Buffer.from((yield { type: 'read', at: contentAt, length: header.sizeBytes }) as Buffer);
      if (text.length < header.sizeBytes) continue;
      if (header.type === 'L') longName = untilZero(text, 0, text.length);
      else if (header.type !== 'K') {
        const pax = readPax(text);
        if (!pax.isWhole) yield told('tar-extension-damaged', 'an extended header of a TAR breaks before its end', contentAt);
        if (header.type === 'g') global = { ...pax, records: new Map([...global.records, ...pax.records]) };
        else local = pax;
      }
      continue;
    }
    const pax: PaxExtension = local === null ? global : { records: new Map([...global.records, ...local.records]), sparsePairs: local.sparsePairs, isWhole: local.isWhole };
    const { entry, problem }: DescribedEntry = yield* describeEntry(header, pax, longName, contentAt, endAt, budget.limits.maxNameParts);
    [local, longName, extensions] = [null, null, 0];
    budget.countEntry();
    entries += 1;
    hasEnd = false;
    yield { type: 'entry', entry };
    if (problem !== null) yield { type: 'problem', problem };
    at = contentAt + padded(entry.spanBytes);
  }
}

interface Resumed {
  /** Where the next sound header stands; null at the end. */
  readonly at: number | null;
  /** Bytes passed over that are not zero blocks. */
  readonly strayBytes: number;
}

function* findNextHeader(from: number, isAfterZeros: boolean): Generator<TarRead, Resumed, Buffer> {
  let strayBytes = 0;
  for (let at = from; ; ) {
    const bytes: Buffer = yield { type: 'read', at, length: SEARCH_BYTES };
    for (let i = 0; i + BLOCK_BYTES <= bytes.length; i += BLOCK_BYTES) {
      const block = bytes.subarray(i, i + BLOCK_BYTES);
      if (isZeroBlock(block)) continue;
      // Right after zeros an old header without `ustar` counts too; amid damage it proves nothing.
      const header: TarHeader | null = readTarHeader(block, !isAfterZeros || strayBytes > 0);
      if (header !== null) return { at: at + i, strayBytes };
      strayBytes += BLOCK_BYTES;
    }
    if (bytes.length < SEARCH_BYTES) return { at: null, strayBytes: strayBytes + (isZeroBlock(bytes.subarray(bytes.length - (bytes.length % BLOCK_BYTES))) ? 0 : bytes.length % BLOCK_BYTES) };
    at += bytes.length;
  }
}

export function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function told(code: string, message: string, offset: number): TarStep {
  return { type: 'problem', problem: problemFrom(new MalformedError(code, message), { offset }) };
}
