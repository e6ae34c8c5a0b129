import { createLaneHasher, type LaneHasher } from '@kerbside/bytes';
import { DIGEST_BIT } from './digests.ts';

/**
 * Memory that a reader gathers contents in, so that many are hashed side by side. Half as much left
 * half of the lanes without work on pictures; four readers hold 64 MiB of the program's 512.
 */
export const ARENA_BYTES = 16 * 1024 * 1024;

/** Longer contents are hashed alone: fewer than four side by side are no quicker in lanes. */
export const MAX_GATHERED_BYTES = ARENA_BYTES / 4;

/**
 * MD5 work of a thread before it makes lanes. Making and testing them costs about as much processor
 * time as hashing this much one by one, so a small source never pays for what it cannot use.
 */
export const LANES_FROM_BYTES = 32 * 1024 * 1024;

/** Contents start on a line of the processor's cache. */
const ALIGN_BYTES = 64;

/**
 * Where a reader puts contents. MD5 of what is kept comes later, for many contents at once; any
 * other digest is the caller's to make while the bytes are still in the processor's cache.
 */
export interface Md5Arena {
  /** A free piece of `sizeBytes`, at most ARENA_BYTES; what was kept is hashed first where room is short. Valid until the next call. */
  room(sizeBytes: number): Buffer;
  /** True when MD5 may be left to `flush`: lanes are at work. */
  readonly defers: boolean;
  /** MD5 of these bytes of the last `room` is wanted at this place of `target`, with the next `flush` at the latest. */
  defer(bytes: Uint8Array, target: Uint8Array, at: number): void;
  /** Ends the use of the last `room`, of which the first `usedBytes` are kept until they are hashed. */
  keep(usedBytes: number): void;
  /** Hashes all that is kept. */
  flush(): void;
}

/** Takes note of a job's work, and says whether lanes are worth it from now on. */
export interface LaneChoice {
  arenaFor(masks: Uint8Array, sizes: Float64Array): Md5Arena;
}

/**
 * @param roomBytes largest room that will be asked for
 * @param fromBytes for tests: how much MD5 work comes before lanes are made
 */
export function createLaneChoice(roomBytes: number, fromBytes: number = LANES_FROM_BYTES): LaneChoice {
  const plain = plainArena(roomBytes);
  let lanes: Md5Arena | null = null;
  let md5Bytes = 0;
  return {
    arenaFor(masks, sizes) {
      let wanted = 0;
      for (let entry = 0; entry < masks.length; entry++) if ((masks[entry]! & DIGEST_BIT.md5) !== 0) wanted += sizes[entry]!;
      md5Bytes += wanted;
      if (wanted === 0 || md5Bytes < fromBytes) return plain;
      lanes ??= laneArena(createLaneHasher(ARENA_BYTES));
      return lanes;
    },
  };
}

/** Every room is the same piece, and nothing is kept. */
function plainArena(roomBytes: number): Md5Arena {
  let buffer: Buffer | null = null;
  return {
    room(sizeBytes) {
      buffer ??= Buffer.allocUnsafeSlow(roomBytes);
      return buffer.subarray(0, sizeBytes);
    },
    defers: false,
    defer: () => undefined,
    keep: () => undefined,
    flush: () => undefined,
  };
}

function laneArena(hasher: LaneHasher): Md5Arena {
  const arena = Buffer.from(hasher.input.buffer, hasher.input.byteOffset, hasher.input.byteLength);
  const starts: number[] = [];
  const lengths: number[] = [];
  const targets: Uint8Array[] = [];
  const places: number[] = [];
  let used = 0;
  const flush = (): void => {
    const digests = hasher.md5Contents(starts, lengths, starts.length);
    for (let i = 0; i < starts.length; i++) targets[i]!.set(digests.subarray(i * 16, i * 16 + 16), places[i]);
    for (const list of [starts, lengths, targets, places]) list.length = 0;
    used = 0;
  };
  return {
    room(sizeBytes) {
      if (used + sizeBytes > arena.byteLength) flush();
      return arena.subarray(used, used + sizeBytes);
    },
    defers: hasher.kind === 'simd',
    defer(bytes, target, at) {
      if (bytes.buffer !== arena.buffer) throw new RangeError('only bytes of the arena can be hashed later');
      starts.push(bytes.byteOffset - arena.byteOffset);
      lengths.push(bytes.byteLength);
      targets.push(target);
      places.push(at);
    },
    keep(usedBytes) {
      used = Math.min(arena.byteLength, Math.ceil((used + usedBytes) / ALIGN_BYTES) * ALIGN_BYTES);
    },
    flush,
  };
}
