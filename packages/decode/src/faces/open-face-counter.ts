import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { MalformedError, RefusedError } from '@kerbside/bytes';
import type { Decoders } from '../pool/decoders.ts';
import { joinedContent } from '../pool/joined-content.ts';
import { MAX_CASCADE_BYTES, parseCascade } from './cascade.ts';
import { MAX_FACES } from './count-faces.ts';

/** Where Debian's package opencv-data puts the cascade for faces seen from the front, 24 × 24 pixels. */
export const FACE_CASCADE_PATH = '/usr/share/opencv4/lbpcascades/lbpcascade_frontalface.xml';

/** Counts faces in pictures. */
export interface FaceCounter {
  /**
   * How many places look like a face seen from the front, 0 to {@link MAX_FACES}. Counted in the sandbox.
   * @throws what the sandbox says of the picture; MalformedError `decoder-lied`
   */
  count(decoders: Pick<Decoders, 'run'>, picture: Uint8Array): Promise<number>;
}

/** Time for one picture; the count itself takes a tenth of a second. */
const TIMEOUT_MS = 20_000;

/**
 * The counter, or null where its cascade is not installed: then nobody counts, and the ranking says so.
 * @throws RefusedError `face-cascade-unusable` for a file that is there and is none
 */
export function openFaceCounter(path = FACE_CASCADE_PATH): FaceCounter | null {
  const xml = readCascadeFile(path);
  if (xml === null) return null;
  parseCascade(Buffer.from(xml).toString('latin1'));
  const sha256 = hash('sha256', xml, 'hex');
  return {
    async count(decoders, picture) {
      const { json, bytes } = await decoders.run({ kind: 'faces', request: { pictureBytes: picture.byteLength, cascadeBytes: xml.byteLength, sha256 }, content: joinedContent(picture, xml), timeoutMs: TIMEOUT_MS });
      const { faces } = json;
      if (bytes.byteLength !== 0 || typeof faces !== 'number' || !Number.isInteger(faces) || faces < 0 || faces > MAX_FACES) throw new MalformedError('decoder-lied', 'the sandbox answered with a count of faces that cannot be');
      return faces;
    },
  };
}

function readCascadeFile(path: string): Uint8Array | null {
  try {
    if (statSync(path).size > MAX_CASCADE_BYTES) throw new RefusedError('face-cascade-unusable', `${path} is larger than any cascade. Install Debian's package opencv-data anew.`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof RefusedError) throw error;
    throw new RefusedError('face-cascade-unusable', `${path} could not be read (${(error as Error).message}).`, {}, error);
  }
}
