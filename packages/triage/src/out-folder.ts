import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { RefusedError } from '@kerbside/bytes';

/** Names that a run itself writes into its folder. */
export const JOURNAL_NAME = 'run.sqlite';
export const REPORT_NAME = 'report.json';
export const REPORT_PAGE_NAME = 'report.html';
export const CERTIFICATE_NAME = 'certificate.json';
export const READS_NAME = 'reads.bin';
export const MANIFEST_NAME = 'manifest.kman';
const OWN_NAMES = /^(run\.sqlite(-wal|-shm|-journal)?|(report\.(json|html)|certificate\.json|reads\.bin|manifest\.kman(\.spill)?)(\.part)?|stills\.kst|showings\.jsonl)$/;

/**
 * Makes the folder of a run ready and returns its real path.
 * @throws RefusedError `out-folder-not-empty`, `out-folder-not-writable`, `out-folder-in-source`
 */
export function prepareOutFolder(outFolder: string, sourcePath: string): string {
  refuseInsideSource(outFolder, sourcePath);
  try {
    mkdirSync(outFolder, { recursive: true });
  } catch (error) {
    throw new RefusedError('out-folder-not-writable', `The folder ${outFolder} could not be made. Give --out a folder you may write to.`, {}, error);
  }
  const real = realpathSync(outFolder);
  const names = readdirSync(real);
  const foreign = names.filter((name) => !OWN_NAMES.test(name));
  if (foreign.length > 0 || (names.length > 0 && !names.includes(JOURNAL_NAME) && !holdsFailedControls(real))) {
    throw new RefusedError('out-folder-not-empty', `The folder ${outFolder} already holds other files. Give --out a new folder, or the folder of this same run to take it up again.`);
  }
  return real;
}

/** The real path a folder will have once made: links in the part that exists are resolved. */
function futureRealPath(path: string): string {
  let existing = resolve(path);
  const missing: string[] = [];
  for (;;) {
    try {
      return join(realpathSync(existing), ...missing);
    } catch {
      if (dirname(existing) === existing) return resolve(path);
      missing.unshift(basename(existing));
      existing = dirname(existing);
    }
  }
}

/** Nothing is ever written inside the folder that is being examined. @throws RefusedError `out-folder-in-source` */
export function refuseInsideSource(out: string, sourcePath: string): void {
  const realOut = futureRealPath(out);
  let realSource: string;
  try {
    if (!statSync(sourcePath).isDirectory()) return;
    realSource = realpathSync(sourcePath);
  } catch {
    return;
  }
  if (realOut === realSource || `${realOut}${sep}`.startsWith(join(realSource, sep))) {
    throw new RefusedError('out-folder-in-source', 'The place to write to lies inside the source. Give --out or --to another: nothing is written to a source.');
  }
}

/** True where an earlier call got no further than its controls: it wrote a report and read nothing, so the run may begin here. */
function holdsFailedControls(folder: string): boolean {
  try {
    const report = JSON.parse(readFileSync(join(folder, REPORT_NAME), 'utf8')) as { readonly controls?: { readonly state?: unknown } };
    return report.controls?.state === 'failed';
  } catch {
    return false;
  }
}
