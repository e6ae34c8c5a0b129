import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Folder of what belongs to this machine and outlives a run: its keys, the control volume.
 * `$KERBSIDE_HOME`, or `.kerbside` in the user's home folder. Not made here.
 */
export function kerbsideHome(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const stated = environment['KERBSIDE_HOME'];
  return stated === undefined || stated === '' ? join(homedir(), '.kerbside') : resolve(stated);
}
