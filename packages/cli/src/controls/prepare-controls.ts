import { join } from 'node:path';
import { CONTROL_NAMES, CONTROL_SEALS, writeControlFiles } from '@kerbside/corpus';
import { buildSet, SET_FORMAT_VERSION } from '@kerbside/match';
import { prepareControls as prepareControlsIn, type ControlMakers, type ControlSetMaker, type PreparedControls } from '@kerbside/triage';

/** Fixed, so that every machine builds the same sets. */
export const CONTROL_SETS_MADE_AT = new Date('2026-01-01T00:00:00Z');

const EXACT_SET: ControlSetMaker = {
  name: 'Control list',
  fileName: `control-list-${SET_FORMAT_VERSION}.kset`,
  answers: ['file', 'carving', 'content'],
  async build(folder, out) {
    await buildSet({ out, inputs: [join(folder, CONTROL_NAMES.list)], meaning: 'alert', name: EXACT_SET.name, importedBy: 'controls', createdAt: CONTROL_SETS_MADE_AT });
  },
};

/** The picture of which altered copies are on the volume, by what it looks like. */
export const CONTROL_NEAR_SET: ControlSetMaker = {
  name: 'Control looks',
  fileName: `control-near-${SET_FORMAT_VERSION}.kset`,
  answers: ['near'],
  async build(folder, out) {
    await buildSet({ out, inputs: [join(folder, CONTROL_NAMES.nearList)], meaning: 'alert', name: CONTROL_NEAR_SET.name, importedBy: 'controls', createdAt: CONTROL_SETS_MADE_AT });
  },
};

/** What makes the control files: the corpus, and the builders of sets. */
export function controlMakers(furtherSets: readonly ControlSetMaker[] = []): ControlMakers {
  return {
    seals: CONTROL_SEALS,
    volumeName: CONTROL_NAMES.volume,
    specimensName: CONTROL_NAMES.specimens,
    makeFiles: (folder) => void writeControlFiles(folder),
    sets: [EXACT_SET, CONTROL_NEAR_SET, ...furtherSets],
  };
}

/**
 * The control volume and its sets, made on first use (about two seconds) in the home folder of Kerbside.
 *
 * @param home `$KERBSIDE_HOME`
 * @param furtherSets makers beside the exact set and that of looks: the block set of the folder `CONTROL_NAMES.markers`, under `controlKeys()`
 * @throws RefusedError `controls-not-writable`, `control-volume-altered`
 */
export function prepareControls(home: string, furtherSets: readonly ControlSetMaker[] = []): Promise<PreparedControls> {
  return prepareControlsIn(home, controlMakers(furtherSets));
}
