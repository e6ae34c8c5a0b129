import { LENGTH_OF_KIND } from '../digest-kinds.ts';

/** Digests of zero bytes: every empty file has them, so as known material they would match any disk. */
const OF_NOTHING: readonly Buffer[] = [
  Buffer.from('d41d8cd98f00b204e9800998ecf8427e', 'hex'),
  Buffer.from('da39a3ee5e6b4b0d3255bfef95601890afd80709', 'hex'),
  Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'),
  Buffer.from('31d6cfe0d16ae931b73c59d7e0c089c0', 'hex'),
];

/** First bytes with which a digest is worth a closer look. */
const SUSPICIOUS_FIRST_BYTE = new Uint8Array(256);
SUSPICIOUS_FIRST_BYTE[0] = SUSPICIOUS_FIRST_BYTE[0xff] = 1;
for (const digest of OF_NOTHING) SUSPICIOUS_FIRST_BYTE[digest[0]!] = 1;

/**
 * Whether a digest may not stand in an alert or reference set: the digest of zero bytes, or a
 * placeholder of all zeros or all Fs.
 */
export function refusedDigest(kind: number, bytes: Uint8Array, at: number): 'of-nothing' | 'placeholder' | null {
  const first = bytes[at]!;
  if (SUSPICIOUS_FIRST_BYTE[first] === 0) return null;
  const length = LENGTH_OF_KIND[kind]!;
  if (first === 0 || first === 0xff) {
    for (let i = 1; i < length; i++) if (bytes[at + i] !== first) return null;
    return 'placeholder';
  }
  const nothing = OF_NOTHING[kind]!;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== nothing[i]) return null;
  return 'of-nothing';
}
