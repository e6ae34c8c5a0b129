import { UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';

/**
 * Unpacks what nothing in this package can: a tool in the decode sandbox, given by whoever opens the container.
 * @param archive one that holds a single member, of which every byte is in the packed member's own place or made here
 * @returns the member's content in pieces, each valid until the next; leaving it ends the unpacking
 */
export type UnpackElsewhere = (archive: RandomAccessSource) => AsyncIterable<Uint8Array>;

/** Faults that say that there is no such tool here: the member is then what it is without, one that is not read. */
const NOT_HERE: ReadonlySet<string> = new Set(['program-not-installed', 'sandbox-unsound', 'unpack-unsupported', 'unpack-locale']);

/**
 * @param pieces of a content that is unpacked elsewhere
 * @param code of the problem that the member has when nobody unpacks it
 * @param sentence of that problem
 * @throws UnsupportedError with the code given when the tool is missing or cannot; what the tool told otherwise
 */
export async function* tellMissingTool(pieces: AsyncIterable<Uint8Array>, code: string, sentence: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    if (!(error instanceof UnsupportedError) || !NOT_HERE.has(error.code)) throw error;
    throw new UnsupportedError(code, `${sentence}; ${error.message}`, {}, error);
  }
}
