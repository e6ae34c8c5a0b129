import type { CertificateBody } from './certificate-types.ts';
import type { ReplayRequest } from './replay-certificate.ts';
import type { ReplayedRun } from './replay-run.ts';

/** Makes the reads of a certificate again: see `replay-certificate.ts`, which loads when it is called. */
export async function replayCertificate(body: CertificateBody, sourcePath: string, request: ReplayRequest): Promise<ReplayedRun> {
  return (await import('./replay-certificate.ts')).replayCertificate(body, sourcePath, request);
}
