import type { VerifiedFiles, VerifyOptions } from './verify-files.ts';

/** Checks a certificate and what lies beside it: see `verify-files.ts`, which loads when it is first asked for. */
export async function verifyCertificateFiles(path: string, options: VerifyOptions = {}): Promise<VerifiedFiles> {
  return (await import('./verify-files.ts')).verifyCertificateFiles(path, options);
}

/** Digest of the program that runs: see `build-digest.ts`. */
export async function digestOfThisBuild(): Promise<string> {
  return (await import('./build-digest.ts')).buildDigest();
}
