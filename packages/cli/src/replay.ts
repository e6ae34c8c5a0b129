import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { replayCertificate, REPORT_NAME, type ReplayRun } from '@kerbside/triage';
import { runControlVolume } from './control-run.ts';
import { gatherSetKeys } from './set-keys.ts';

/**
 * Reads a source again as a certificate says, by the run that `kerbside triage` makes, controls first.
 * @param certificatePath certificate.json, or the folder of its run
 */
export function replayBeside(certificatePath: string): ReplayRun {
  return (certificate, sourcePath, { setPaths, keyPaths, ...options }) =>
    replayCertificate(certificate, sourcePath, {
      ...options,
      setPaths: setPaths.length > 0 ? setPaths : setsOfReport(certificatePath),
      setKeys: gatherSetKeys(keyPaths),
      controls: runControlVolume,
    });
}

/**
 * Where the sets were, as the report beside the certificate says. Whether they are the same sets shows in the
 * comparison, by their digests.
 * @throws RefusedError `replay-sets-not-found`
 */
function setsOfReport(certificatePath: string): string[] {
  const folder = statSync(certificatePath).isDirectory() ? certificatePath : dirname(certificatePath);
  const reportPath = join(folder, REPORT_NAME);
  let paths: string[] = [];
  try {
    const report = JSON.parse(readFileSync(reportPath, 'utf8')) as { readonly sets?: readonly { readonly path?: unknown }[] };
    paths = (report.sets ?? []).flatMap(({ path }) => (typeof path === 'string' ? [path] : []));
  } catch {
    // Said below: without the report nobody knows where the sets are.
  }
  const missing = paths.filter((path) => !existsSync(path));
  if (paths.length === 0 || missing.length > 0) {
    const which = paths.length === 0 ? `${reportPath} does not say which sets were asked` : `${missing.join(', ')} is not there any more`;
    throw new RefusedError('replay-sets-not-found', `${which}. Name the sets of the run with --set.`);
  }
  return paths;
}
