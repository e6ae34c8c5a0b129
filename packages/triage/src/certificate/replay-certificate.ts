import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { makeUnitKeys } from '@kerbside/ledger';
import type { SetKey } from '@kerbside/match';
import { CERTIFICATE_NAME, READS_NAME } from '../out-folder.ts';
import { PROFILES } from '../profile.ts';
import { runTriage } from '../run-triage.ts';
import type { SurveyTarget } from '../survey/parse-until.ts';
import type { TriageOptions } from '../triage-options.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { readCertificate } from './certificate-text.ts';
import type { CertificateBody } from './certificate-types.ts';
import { openLeavesFile } from './leaves-file.ts';
import type { ReplayedRun } from './replay-run.ts';
import { replayedReads, replayNotPossible, statedSurveyPlan } from './replayed-plan.ts';
import { rangesOfLeaf } from './run-stages-of.ts';

/** What a replay is given beside certificate and source. */
export interface ReplayRequest extends Pick<TriageOptions, 'setPaths' | 'setKeys' | 'declaredWriteBlocker' | 'signal' | 'onEvent' | 'controls'> {
  readonly setKeys: readonly SetKey[];
}

/**
 * Makes the reads of a certificate again, by the same run as the first one: same seed, chunks and order, and
 * no more of each stage than was done. Leaves nothing behind but what is returned; `close` removes that.
 *
 * @throws RefusedError `replay-other-version`, `replay-not-possible`, and what a run refuses
 */
export async function replayCertificate(body: CertificateBody, sourcePath: string, request: ReplayRequest): Promise<ReplayedRun> {
  const profile = PROFILES.find((one) => one === body.configuration.profile);
  if (body.tool.version !== TOOL_VERSION || profile === undefined) {
    throw new RefusedError('replay-other-version', `The certificate is of version ${body.tool.version}, this is ${TOOL_VERSION}: only the same version makes the same reads. Use that one for the replay.`);
  }
  const surveyPlan = statedSurveyPlan(body);
  if (Number.isNaN(Date.parse(body.times.startedAt))) throw replayNotPossible('its times');
  const outFolder = mkdtempSync(join(tmpdir(), 'kerbside-replay-'));
  const kept: { context?: Parameters<NonNullable<TriageOptions['onKept']>>[0] } = {};
  try {
    const until = targetOf(body);
    await runTriage({
      sourcePath,
      outFolder: join(outFolder, 'run'),
      ...request,
      profile,
      ...(until === null ? {} : { until }),
      ...(surveyPlan === null ? {} : { surveyPlan: { seed: surveyPlan.seed.toString('hex'), chunkBytes: surveyPlan.chunkBytes, seekCostBytes: surveyPlan.seekCostBytes } }),
      replay: replayedReads(body, surveyPlan),
      // Sets that have expired since then were in use then.
      setsUsedAt: new Date(body.times.startedAt),
      signer: makeUnitKeys('replay'),
      onKept: (end) => (kept.context = end),
    });
    const certificate = readCertificate(readFileSync(join(outFolder, 'run', CERTIFICATE_NAME))).certificate;
    const leaves = openLeavesFile(join(outFolder, 'run', READS_NAME));
    const end = kept.context;
    return {
      certificate,
      leaves,
      rangesOf: (stage, leaf) => (end === undefined ? [] : rangesOfLeaf(end.context, end.survey, certificate.reads[stage]!, leaf)),
      close() {
        leaves.close();
        rmSync(outFolder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(outFolder, { recursive: true, force: true });
    throw error;
  }
}

function targetOf({ configuration: { until } }: CertificateBody): SurveyTarget | null {
  return until === null ? null : { unbrokenBytes: until.bytes, scatteredBytes: until.bytes, probability: until.probability };
}
