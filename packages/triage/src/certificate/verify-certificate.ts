import { MerkleFrontier } from '@kerbside/ledger';
import { readCertificate } from './certificate-text.ts';
import type { Certificate, CertificateBody } from './certificate-types.ts';
import { checkCertificate, type Finding } from './check-certificate.ts';
import type { LeavesFile } from './leaves-file.ts';
import { pieces } from './leaf-stages.ts';

/** What a certificate was found to be. */
export interface CertificateCheck {
  /** Of this type only when nothing was altered. */
  readonly certificate: Certificate;
  /** False: not a byte of it can be relied on. */
  readonly unaltered: boolean;
  /** Whether the signer is among the keys that were given; null when none were. */
  readonly signerTrusted: boolean | null;
  /** What does not agree; empty when all does. */
  readonly findings: readonly Finding[];
}

/**
 * Checks a certificate by itself: signature, exact form, and whether its figures add up.
 *
 * @param bytes the whole file
 * @param trustedPublicKeys raw Ed25519 keys, 32 bytes each; a signer who is not among them is a finding. Without any, the signature
 *   shows only that the certificate is as its signer left it, whoever that is
 * @throws RefusedError `certificate-not-one`, `certificate-version-unknown`
 */
export function verifyCertificate(bytes: Uint8Array, trustedPublicKeys: readonly Uint8Array[] = []): CertificateCheck {
  const { certificate, altered } = readCertificate(bytes);
  if (altered !== null) return { certificate, unaltered: false, signerTrusted: null, findings: [{ code: 'certificate-altered', message: altered }] };
  const findings = checkCertificate(certificate);
  const signer = Buffer.from(certificate.signature.publicKey, 'base64');
  const signerTrusted = trustedPublicKeys.length === 0 ? null : trustedPublicKeys.some((key) => signer.equals(key));
  if (signerTrusted === false) findings.unshift({ code: 'signer-not-trusted', message: `The signer ${certificate.signature.signerId} is none of those whose keys were given.` });
  return { certificate, unaltered: true, signerTrusted, findings };
}

/** Checks reads.bin against an unaltered certificate: its digest, its stages, and the root of each. */
export function verifyLeaves(body: CertificateBody, leaves: LeavesFile): Finding[] {
  if (leaves.sizeBytes !== body.readsFile.sizeBytes || leaves.digest() !== body.readsFile.digest) {
    return [{ code: 'reads-file-altered', message: 'reads.bin is not the file that the certificate names: it was changed, or belongs to another run.' }];
  }
  const findings: Finding[] = [];
  const stated = body.reads.map(({ name, count }) => `${name} ${count}`).join('\n');
  if (leaves.stages.map(({ name, count }) => `${name} ${count}`).join('\n') !== stated) {
    return [{ code: 'reads-file-stages', message: 'reads.bin does not hold the stages that the certificate states.' }];
  }
  for (const [stage, reads] of body.reads.entries()) {
    const tree = new MerkleFrontier();
    for (const { bytes } of pieces(leaves, stage)) tree.appendAll(bytes);
    if (tree.root().toString('hex') !== reads.merkleRoot) findings.push({ code: 'reads-file-root', message: `The leaves of the stage ${reads.name} in reads.bin do not give the root that the certificate states.` });
  }
  return findings;
}
