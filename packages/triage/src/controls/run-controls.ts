import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFit, type ControlResult } from './control-result.ts';
import type { ControlLane, PreparedControls } from './control-specimen.ts';
import { evaluateControls, type ControlFindings } from './evaluate-controls.ts';
import { checkSeals } from './seal.ts';

/**
 * The very run that the evidence will have, over the control volume. It must not be stopped on its way:
 * it takes a second or two, and markers not reached would look like markers missed.
 */
export type ControlRunner = (run: {
  readonly sourcePath: string;
  readonly setPaths: readonly string[];
  readonly outFolder: string;
  /** Whether pictures are decoded, for the markers of the lane `near`. */
  readonly decodesPictures: boolean;
}) => Promise<ControlFindings>;

/**
 * Checks the seals, runs over the control volume in a temporary folder, and compares. One marker missed
 * or one false hit and the instrument is not fit.
 *
 * @param lanes those that the runner has
 * @param whyNotNear why the markers of the lane `near` are not tried, in words; null where they are
 * @throws RefusedError `control-volume-altered`, and what the runner refuses
 */
export async function runControls(controls: PreparedControls, runner: ControlRunner, lanes: ReadonlySet<ControlLane>, whyNotNear: string | null = null): Promise<ControlResult> {
  const start = performance.now();
  checkSeals(controls.seals, controls.folder);
  const decodesPictures = lanes.has('near') && whyNotNear === null;
  const sets = controls.sets.filter(({ answers }) => answers.some((lane) => (lane === 'near' ? decodesPictures : lanes.has(lane))));
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-controls-'));
  try {
    const found = await runner({ sourcePath: controls.imagePath, setPaths: sets.map(({ path }) => path), outFolder: join(folder, 'run'), decodesPictures });
    const markers = evaluateControls(controls.specimens, sets, found, lanes, whyNotNear);
    return { state: isFit(markers) ? 'passed' : 'failed', volumeDigest: controls.volumeDigest, elapsedMs: Math.round(performance.now() - start), markers };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
