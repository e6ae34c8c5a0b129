import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { signerId, type JsonObject, type UnitKeys } from '@kerbside/ledger';
import type { Layout } from '@kerbside/evidence';
import { CERTIFICATE_NAME, READS_NAME } from '../out-folder.ts';
import type { Report, ReportCertificate } from '../report-types.ts';
import type { RunContext } from '../run-context.ts';
import { PLAN_VERSION } from '../run-identity.ts';
import { SURVEY_ORDER, type Survey } from '../survey/survey.ts';
import type { VerdictInput } from '../verdict.ts';
import { buildCertificate } from './build-certificate.ts';
import { buildDigest } from './build-digest.ts';
import type { CertificateGaps, CertificateInput, CertificatePlan, CertificateReads, CertificateReadsFile, CertificateSet } from './certificate-types.ts';
import { writeLeavesFile } from './leaves-file.ts';
import { readsRootOf } from './reads-root.ts';
import { blockHitsFacts, digestOfReport, hitsFacts } from './report-digest.ts';
import { leafStagesOf, type CertifiedStage } from './run-stages-of.ts';

/** What of a run a certificate is made from, beside its report. */
export interface RunToCertify {
  readonly context: RunContext;
  readonly survey: Survey | null;
  readonly layout: Layout | null;
  readonly outFolder: string;
  readonly keys: UnitKeys;
  readonly configuration: { readonly until: { readonly bytes: number; readonly probability: number } | null; readonly minutes: number | null; readonly writeBlocker: string | null };
}

/** The reads, written down and hashed; what the report says of them. */
export interface CertifiedReads {
  readonly reads: readonly CertificateReads[];
  readonly readsFile: CertificateReadsFile;
  readonly facts: ReportCertificate;
}

/** Writes reads.bin. It comes before the report, which states its roots. */
export function certifyReads({ context, survey, outFolder, keys }: RunToCertify): CertifiedReads {
  const stages = leafStagesOf(context, survey);
  const { readsFile, roots } = writeLeavesFile(join(outFolder, READS_NAME), stages);
  const reads = stages.map(({ leaves: _leaves, ...stage }: CertifiedStage, index): CertificateReads => ({ ...stage, merkleRoot: roots[index]! }));
  const facts: ReportCertificate = {
    file: CERTIFICATE_NAME,
    signerId: signerId(keys.publicKey),
    owner: keys.owner,
    roots: rootsByLane(reads),
  };
  return { reads, readsFile, facts };
}

/** One root a lane, and one over everything, which `verify` prints; the certificate has one for each stage. */
function rootsByLane(reads: readonly CertificateReads[]): ReportCertificate['roots'] {
  const lanes = [...Map.groupBy(reads, ({ lane }) => lane)].map(([lane, group]) => rootOver(lane, group));
  return lanes.length > 1 ? [...lanes, rootOver('all', reads)] : lanes;
}

function rootOver(lane: string, reads: readonly CertificateReads[]): ReportCertificate['roots'][number] {
  return { lane, count: reads.reduce((sum, { count }) => sum + count, 0), root: readsRootOf(reads) };
}

/** Signs what the report says and writes certificate.json, whole or not at all. It comes last. */
export function certifyReport(run: RunToCertify, certified: CertifiedReads, report: Report, verdictInput: VerdictInput): void {
  const { hits: _hits, ...basis } = verdictInput;
  const { source } = report;
  const input: CertificateInput = {
    tool: { name: report.tool.name, version: report.tool.version, buildDigest: buildDigest(), node: report.tool.node },
    configuration: { profile: report.plan.profile, planVersion: PLAN_VERSION, ...run.configuration },
    source: { kind: source.kind, path: source.path, sizeBytes: source.sizeBytes, sectorSizeBytes: source.sectorSizeBytes, details: source.details, edgeDigest: source.edgeDigest },
    sets: report.sets.map(setFacts),
    plan: planFacts(run.survey, report),
    reads: certified.reads,
    readsFile: certified.readsFile,
    gaps: gapsOf(report),
    controls: report.controls,
    result: {
      verdict: report.verdict,
      reasons: report.reasons,
      meter: report.meter ?? { unbrokenBytes: null, scattered: [], ...run.context.catalogue.liveFiles, systematicReads: 0, jitteredReads: 0, unreadableBytes: 0, indexedShare: 0 },
      hits: hitsFacts(report.hits),
      blockHits: blockHitsFacts(report.blockHits),
    },
    verdictInput: basis,
    reportDigest: digestOfReport(report),
    times: { startedAt: report.timings.startedAt, finishedAt: report.timings.finishedAt, totalMs: report.timings.totalMs, resumed: report.timings.resumed },
  };
  writeWhole(join(run.outFolder, CERTIFICATE_NAME), buildCertificate(input, run.keys).text);
}

function setFacts({ name, meaning, digest, blocks }: Report['sets'][number]): CertificateSet {
  const unsigned = { owner: null, signerId: null, signature: null, expiresAt: null };
  const signed = blocks === null ? unsigned : { owner: blocks.owner, signerId: blocks.signerId, signature: blocks.signature, expiresAt: blocks.expiresAt };
  return { name, kind: blocks === null ? 'compiled' : 'blocks', meaning, digest, ...signed };
}

function planFacts(survey: Survey | null, report: Report): CertificatePlan {
  const file = { planVersion: PLAN_VERSION, digests: [...report.plan.digests], sizeGate: report.plan.sizeGate };
  if (survey === null) return { survey: null, file };
  const { options, grid, spacingBytes } = survey.plan;
  const parameters: JsonObject = {
    target: { ...options.target },
    indexedShare: options.indexedShare,
    toTheEnd: options.toTheEnd,
    windowBytes: options.windowBytes,
    alignmentBytes: options.alignmentBytes,
    seekCostBytes: options.seekCostBytes,
    targetSpacingBytes: spacingBytes,
  };
  return { survey: { order: SURVEY_ORDER, seed: survey.facts.seed, startOffset: grid.startBytes, chunkBytes: options.chunkBytes, spacingBytes: survey.spacingReached(), parameters }, file };
}

function gapsOf({ coverage, volumes, problems }: Report): CertificateGaps {
  const counts = Map.groupBy(problems, ({ code }) => code);
  return {
    unreadableBytes: coverage.unreadableBytes,
    unreadableRanges: coverage.unreadableRanges,
    unreadableRangesNotListed: coverage.unreadableRangesNotListed,
    encryptedVolumes: volumes.filter(({ state }) => state === 'encrypted').map(({ id, name, startOffset, sizeBytes }) => ({ id, name, startOffset, sizeBytes })),
    items: coverage.items,
    bytesGated: coverage.bytesGated,
    problems: [...counts].map(([code, group]) => ({ code, count: group.reduce((sum, { count }) => sum + count, 0) })),
  };
}

function writeWhole(path: string, text: string): void {
  try {
    const descriptor = openSync(`${path}.part`, 'w');
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw new RefusedError('out-folder-full', `${path} could not be written. Nothing already recorded is lost: make room and run the same command again.`, {}, error);
  }
}
