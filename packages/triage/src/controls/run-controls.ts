import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlResult } from './control-result.ts';
import type { ControlLane, PreparedControls } from './control-specimen.ts';
import { evaluateControls, type ControlFindings } from './evaluate-controls.ts';
import { checkSeals } from './seal.ts';

/**
 * The very run that the evidence will have, over the control volume. It must not be stopped on its way:
 * it takes a second or two, and markers not reached would look like markers missed.
 */
export type ControlRunner = (run: { readonly sourcePath: string; readonly setPaths: readonly string[]; readonly outFolder: string }) => Promise<ControlFindings>;

/**
 * Checks the seals, runs over the control volume in a temporary folder, and compares. One marker missed
 * or one false hit and the instrument is not fit.
 *
 * @param lanes those that the runner has
 * @throws RefusedError `control-volume-altered`, and what the runner refuses
 */
export async function runControls(controls: PreparedControls, runner: ControlRunner, lanes: ReadonlySet<ControlLane>): Promise<ControlResult> {
  const start = performance.now();
  checkSeals(controls.seals, controls.folder);
  const sets = controls.sets.filter(({ answers }) => answers.some((lane) => lanes.has(lane)));
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-controls-'));
  try {
    const found = await runner({ sourcePath: controls.imagePath, setPaths: sets.map(({ path }) => path), outFolder: join(folder, 'run') });
    const markers = evaluateControls(controls.specimens, sets, found, lanes);
    const isFit = markers.length > 0 && markers.every(({ outcome }) => outcome === 'ok');
    return { state: isFit ? 'passed' : 'failed', volumeDigest: controls.volumeDigest, elapsedMs: Math.round(performance.now() - start), markers };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
