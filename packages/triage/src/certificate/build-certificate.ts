import { hash } from 'node:crypto';
import { canonicalJson, type UnitKeys } from '@kerbside/ledger';
import { formatCertificate, signCertificate } from './certificate-text.ts';
import { CERTIFICATE_FORMAT_VERSION, CERTIFICATE_KIND, type Certificate, type CertificateBody, type CertificateConfiguration, type CertificateInput } from './certificate-types.ts';
import { readsRootOf } from './reads-root.ts';

/**
 * Makes and signs the certificate of a run.
 *
 * @param keys of this unit, with their private part
 * @returns the certificate, and the exact text of certificate.json
 * @throws RefusedError `key-part-missing`; InternalError `value-not-canonical` when a field is not plain
 */
export function buildCertificate(input: CertificateInput, keys: UnitKeys): { readonly certificate: Certificate; readonly text: string } {
  const certificate = signCertificate(certificateBody(input), keys);
  return { certificate, text: formatCertificate(certificate) };
}

/** What is signed; a replay makes this much and signs nothing. */
export function certificateBody(input: CertificateInput): CertificateBody {
  return {
    ...input,
    kind: CERTIFICATE_KIND,
    formatVersion: CERTIFICATE_FORMAT_VERSION,
    configurationDigest: configurationDigest(input.configuration),
    readsRoot: readsRootOf(input.reads),
  };
}

export function configurationDigest(configuration: CertificateConfiguration): string {
  return hash('sha256', canonicalJson(configuration), 'hex');
}
