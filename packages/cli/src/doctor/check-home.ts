import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KerbsideError } from '@kerbside/bytes';
import { codeKeyId, readUnitKeys, signerId, UNNAMED_OWNER } from '@kerbside/ledger';
import { lookAtControls } from '@kerbside/triage';
import type { Finding } from '../commands/doctor.ts';
import { CONTROL_BLOCK_SET } from '../control-run.ts';
import { controlMakers } from '../controls/prepare-controls.ts';

/** As a run refuses it (packages/ledger/src/ensure-unit-keys.ts): others could put another key in the place of ours. */
const WRITABLE_BY_OTHERS = 0o022;

/** What belongs to this machine: its folder, its keys, its control files. Looks, and makes nothing. */
export async function checkHome(home: string): Promise<Finding[]> {
  return [checkFolder(home), checkKeys(home), await checkControls(home)];
}

function checkFolder(home: string): Finding {
  const name = 'Home folder';
  const isThere = existsSync(home);
  const nearest = nearestFolder(home);
  if (!mayWrite(nearest)) return { name, state: 'missing', what: `${nearest} may not be written to, and no run starts without ${home}; set KERBSIDE_HOME to a folder you may write to` };
  if (isThere && (statSync(home).mode & WRITABLE_BY_OTHERS) !== 0) return { name, state: 'missing', what: `other users may write to ${home}, so no run starts; run: chmod 700 ${home}` };
  return { name, state: 'ok', what: isThere ? `${home}, may be written to` : `${home} is made when it is first needed` };
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function checkKeys(home: string): Finding {
  const name = 'Keys';
  try {
    const keys = readUnitKeys(home);
    if (keys === null) return { name, state: 'limited', what: 'none yet: a run makes them under the name of this machine. Better first: kerbside keys --owner "Force, unit"' };
    const what = `${keys.owner}; signer ${signerId(keys.publicKey)}, code key ${keys.codeKey === null ? 'none' : codeKeyId(keys.codeKey)}`;
    return keys.owner.startsWith(UNNAMED_OWNER) ? { name, state: 'limited', what: `${what}. Certificates bear this name: docs/operate/keys.md tells how to have others` } : { name, state: 'ok', what };
  } catch (error) {
    return { name, state: 'missing', what: refusalOf(error) };
  }
}

async function checkControls(home: string): Promise<Finding> {
  const name = 'Controls';
  try {
    const state = await lookAtControls(home, controlMakers([CONTROL_BLOCK_SET]));
    return { name, state: 'ok', what: state === 'ready' ? 'the control volume is there and as it was sealed; every run reads it first' : 'the control volume is made before the first run, and read before every run' };
  } catch (error) {
    return { name, state: 'missing', what: refusalOf(error) };
  }
}

/** A refusal in one line; anything else is a fault of ours. */
function refusalOf(error: unknown): string {
  if (!(error instanceof KerbsideError)) throw error;
  return `${error.message.replaceAll(/\s*\n\s*/g, ' ')} (${error.code})`;
}
