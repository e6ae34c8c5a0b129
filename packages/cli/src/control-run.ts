import { join } from 'node:path';
import { rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet } from '@kerbside/match';
import { runControls, runTriage, type ControlLane, type ControlResult, type ControlRunner, type ControlledRun, type ControlSetMaker } from '@kerbside/triage';
import { CONTROL_NAMES } from '@kerbside/corpus';
import { controlKeys } from './controls/control-keys.ts';
import { CONTROL_SETS_MADE_AT, prepareControls } from './controls/prepare-controls.ts';
import { kerbsideHome } from './kerbside-home.ts';
import { setKeyOf } from './set-keys.ts';

/** Lanes that a run has, and the control volume has markers for. */
export const CONTROL_LANES: ReadonlySet<ControlLane> = new Set(['file', 'survey', 'carving', 'content', 'near']);

/** Control sets do not expire: what they know is generated. */
const NEVER = new Date('9999-12-31T00:00:00Z');

/** The known contents as blocks, under keys that anybody can compute. */
export const CONTROL_BLOCK_SET: ControlSetMaker = {
  name: 'Control blocks',
  fileName: 'control-blocks-1.kblocks',
  answers: ['survey'],
  async build(folder, out) {
    const { owner, codeKey, privateKey, publicKey } = controlKeys();
    if (codeKey === null || privateKey === null) throw new TypeError('the control keys are whole');
    await buildBlockSet({
      out,
      from: [join(folder, CONTROL_NAMES.markers)],
      name: CONTROL_BLOCK_SET.name,
      signer: { owner, codeKey, privateKey, publicKey: rawPublicKey(publicKey) },
      createdAt: CONTROL_SETS_MADE_AT,
      expiresAt: NEVER,
    });
  },
};

/** The very run that the evidence will have, but for the decoding of video: the volume has no marker for it. */
export const controlRunner: ControlRunner = async ({ decodesPictures, ...run }) => {
  const key = setKeyOf(controlKeys());
  return (await runTriage({ ...run, setKeys: key === null ? [] : [key], profile: 'everything', decodesMedia: decodesPictures, decodesVideo: false })).report;
};

/** Scans the control volume and compares. Pictures are decoded there where the run after it decodes them: the sandbox costs more than all else. */
export async function runControlVolume({ whyNothingIsDecoded }: ControlledRun): Promise<ControlResult> {
  const prepared = await prepareControls(kerbsideHome(), [CONTROL_BLOCK_SET]);
  return runControls(prepared, controlRunner, CONTROL_LANES, whyNothingIsDecoded);
}
