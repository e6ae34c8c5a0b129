import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { REPORT_NAME } from '../out-folder.ts';
import { CERTIFICATE_NAME } from './certificate-text.ts';
import type { Certificate, CertificateBody } from './certificate-types.ts';
import type { Finding } from './check-certificate.ts';
import { compareReplay, type ReplayComparison } from './compare-replay.ts';
import { openLeavesFile, READS_NAME, type LeavesFile } from './leaves-file.ts';
import type { ReplayedRun } from './replay-run.ts';
import { replayWords } from './replay-words.ts';
import { digestOfReport } from './report-digest.ts';
import { verifyCertificate, verifyLeaves, type CertificateCheck } from './verify-certificate.ts';

/** Far longer than any certificate of ours, which lists at most 10,000 ranges and some hundred stages. */
const MAX_CERTIFICATE_BYTES = 64 * 1024 * 1024;

/** Whether a file beside the certificate is the one that it names. */
export type NeighbourState = 'agrees' | 'differs' | 'absent' | 'not-checked';

/** Everything that was found of a certificate, the files beside it, and the source if one was read again. */
export interface VerifiedFiles {
  readonly path: string;
  readonly check: CertificateCheck;
  /** reads.bin beside the certificate. */
  readonly reads: NeighbourState;
  /** report.json beside the certificate. */
  readonly report: NeighbourState;
  /** Null when no source was read again. */
  readonly replay: { readonly comparison: ReplayComparison; readonly words: readonly string[] } | null;
  /** What does not agree, of certificate and neighbours. */
  readonly findings: readonly Finding[];
  /** True when nothing differs anywhere. */
  readonly agrees: boolean;
}

/** What to check beside the certificate itself. */
export interface VerifyOptions {
  /** Raw Ed25519 keys, 32 bytes each; the signer must be one of them, if any are given. */
  readonly trustedPublicKeys?: readonly Uint8Array[];
  /** Reads the source again; only called for an unaltered certificate. */
  readonly replay?: (certificate: Certificate) => Promise<ReplayedRun>;
}

/**
 * Checks a certificate with what lies beside it, and with its source where a replay is given.
 * @param path certificate.json, or the folder of its run
 * @throws RefusedError `certificate-not-found`, `certificate-not-one`, `certificate-version-unknown`, and what the replay refuses
 */
export async function verifyCertificateFiles(path: string, options: VerifyOptions = {}): Promise<VerifiedFiles> {
  const { file, bytes } = readCertificateFile(path);
  const check = verifyCertificate(bytes, options.trustedPublicKeys);
  if (!check.unaltered) return { path: file, check, reads: 'not-checked', report: 'not-checked', replay: null, findings: check.findings, agrees: false };
  const findings = [...check.findings];
  const leaves = openNeighbour(join(dirname(file), READS_NAME), findings);
  try {
    const reads = leaves === null ? (findings.some(({ code }) => code === 'reads-file-damaged') ? 'differs' : 'absent') : compareLeaves(check.certificate, leaves, findings);
    const report = compareReport(join(dirname(file), REPORT_NAME), check.certificate, findings);
    const replay = options.replay === undefined ? null : await runReplay(check.certificate, reads === 'agrees' ? leaves : null, options.replay);
    return { path: file, check, reads, report, replay, findings, agrees: findings.length === 0 && (replay === null || replay.comparison.agrees) };
  } finally {
    leaves?.close();
  }
}

async function runReplay(certificate: Certificate, leaves: LeavesFile | null, replay: (certificate: Certificate) => Promise<ReplayedRun>): Promise<VerifiedFiles['replay']> {
  const again = await replay(certificate);
  try {
    const comparison = compareReplay(certificate, leaves, again);
    return { comparison, words: replayWords(certificate, comparison) };
  } finally {
    again.close();
  }
}

function readCertificateFile(path: string): { file: string; bytes: Uint8Array } {
  try {
    const file = statSync(path).isDirectory() ? join(path, CERTIFICATE_NAME) : path;
    const facts = statSync(file);
    if (!facts.isFile()) throw new RefusedError('certificate-not-one', `${file} is not a file.`);
    if (facts.size > MAX_CERTIFICATE_BYTES) throw new RefusedError('certificate-not-one', `${file} is too long for a certificate of Kerbside.`);
    return { file, bytes: readFileSync(file) };
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError('certificate-not-found', `${path} could not be read as a certificate. Name certificate.json, or the folder that holds it.`, {}, error);
  }
}

function openNeighbour(path: string, findings: Finding[]): LeavesFile | null {
  try {
    return openLeavesFile(path);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    // An absent file is no finding: the certificate stands without it.
    if (error.code !== 'reads-file-not-found') findings.push({ code: error.code, message: error.message });
    return null;
  }
}

function compareLeaves(body: CertificateBody, leaves: LeavesFile, findings: Finding[]): NeighbourState {
  const found = verifyLeaves(body, leaves);
  findings.push(...found);
  return found.length === 0 ? 'agrees' : 'differs';
}

function compareReport(path: string, body: CertificateBody, findings: Finding[]): NeighbourState {
  if (!existsSync(path)) return 'absent';
  if (digestOfReportFile(path) === body.reportDigest) return 'agrees';
  findings.push({ code: 'report-altered', message: 'report.json is not the report that the certificate names: it was changed, or belongs to another run.' });
  return 'differs';
}

/** Null for a file that cannot be read, or is not written as reports are: a name that stands twice would show one reader what another does not see. */
function digestOfReportFile(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return null;
    const bytes = readFileSync(path);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || !bytes.equals(Buffer.from(`${JSON.stringify(value, null, 2)}\n`))) return null;
    return digestOfReport(value);
  } catch {
    return null;
  }
}
