import { KerbsideError, type JsonObject } from '@kerbside/bytes';
import { makeRandom, mutate, type Random } from '@kerbside/corpus';
import type { Decoders } from '@kerbside/decode';

/** A sound file that damaged copies are made of. */
export interface SeedMedium {
  readonly format: string;
  readonly bytes: Uint8Array;
}

export interface MediaFuzz {
  readonly decoders: Decoders;
  /** Which handler is tried, and what it is asked. */
  readonly kind: string;
  readonly request: JsonObject;
  readonly seeds: readonly SeedMedium[];
  readonly count: number;
  /** First seed; mutant `n` of the run is made of `seed + n` and can be made again alone. */
  readonly seed: number;
  /** Requests under way at once. */
  readonly atOnce: number;
}

/** What became of the mutants, by format and by reason. */
export interface FuzzOutcome {
  readonly answered: number;
  readonly reasons: ReadonlyMap<string, number>;
  /** Ends that are no KerbsideError with a reason: each with the seed that makes it again. */
  readonly faults: readonly string[];
}

/** Sends damaged copies through the decoders; every one must come back as an answer or as a problem with a reason. */
export async function fuzzMedia({ decoders, kind, request, seeds, count, seed, atOnce }: MediaFuzz): Promise<FuzzOutcome> {
  const reasons = new Map<string, number>();
  const faults: string[] = [];
  let answered = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const { format, bytes } = seeds[index % seeds.length]!;
      try {
        await decoders.run({ kind, request, content: { bytes: damagedCopy(bytes, seed + index) } });
        answered += 1;
      } catch (error) {
        if (error instanceof KerbsideError && error.kind !== 'internal' && error.message.length > 0) reasons.set(`${format}: ${error.code}`, (reasons.get(`${format}: ${error.code}`) ?? 0) + 1);
        else faults.push(`${format}, seed ${seed + index}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { answered, reasons, faults };
}

/** Six operations: the corpus's changes in place, and those that change the length. */
export function damagedCopy(bytes: Uint8Array, seed: number): Uint8Array {
  const random = makeRandom(seed ^ 0x6d656469);
  switch (random.below(6)) {
    case 0:
      return bytes.slice(0, random.below(bytes.length + 1));
    case 1:
      return joined(bytes, random, random.below(64), 0);
    case 2:
      return joined(bytes, random, 0, random.below(64));
    case 3:
      // What an honest header promises, followed by nothing but zeros.
      return bytes.slice().fill(0, random.below(bytes.length));
    default:
      return mutate(Buffer.from(bytes), seed);
  }
}

/** With some bytes put in at a place, or taken out. */
function joined(bytes: Uint8Array, random: Random, added: number, removed: number): Uint8Array {
  const at = random.below(bytes.length);
  const filler = new Uint8Array(added);
  random.fill(filler);
  return Buffer.concat([bytes.subarray(0, at), filler, bytes.subarray(at + removed)]);
}
