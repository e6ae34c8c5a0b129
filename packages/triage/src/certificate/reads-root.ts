import { hashLeaf, merkleRoot } from '@kerbside/ledger';
import type { CertificateReads } from './certificate-types.ts';

/**
 * One root over all stages: the RFC 6962 tree whose leaves are, in the order of the certificate,
 * the stage's name in UTF-8, a zero byte, the number of its leaves (u64le), and its own root.
 *
 * @returns hex
 */
export function readsRootOf(reads: readonly Pick<CertificateReads, 'name' | 'count' | 'merkleRoot'>[]): string {
  return merkleRoot(reads.map(leafOfStage)).toString('hex');
}

function leafOfStage({ name, count, merkleRoot: root }: Pick<CertificateReads, 'name' | 'count' | 'merkleRoot'>): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(count));
  return hashLeaf(Buffer.concat([Buffer.from(`${name}\0`), number, Buffer.from(root, 'hex')]));
}
