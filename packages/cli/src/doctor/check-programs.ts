import { spawnSync } from 'node:child_process';
import type { Finding } from '../commands/doctor.ts';
import { findProgram } from './find-program.ts';

/** What an optional program adds to triage, and the Debian package it comes in. */
const PROGRAMS: readonly { readonly name: string; readonly programs: readonly string[]; readonly package: string; readonly gives: string }[] = [
  { name: 'The Sleuth Kit', programs: ['fls', 'fiwalk', 'istat', 'pstat'], package: 'sleuthkit', gives: 'HFS+, APFS, ISO 9660 and UFS volumes' },
  { name: 'qemu', programs: ['qemu-nbd', 'qemu-img'], package: 'qemu-utils', gives: 'QCOW2, VMDK, VHD, VHDX and DMG images' },
];

/** A sandbox that cannot start in this time will not serve a run either. */
const SANDBOX_TIMEOUT_MS = 10_000;

/** Looks for the sandbox and for the foreign readers that run in it, and tries the sandbox out. */
export function checkPrograms(): Finding[] {
  const sandbox = checkSandbox();
  return [
    sandbox,
    ...PROGRAMS.map(({ name, programs, package: debianPackage, gives }): Finding => {
      const missing = programs.filter((program) => findProgram(program) === null);
      if (missing.length > 0) return { name, state: 'missing', what: `${gives} are a problem in the report; for them: apt-get install ${debianPackage}` };
      if (sandbox.state !== 'ok') return { name, state: 'limited', what: `installed, and not used without the sandbox: ${gives} are a problem in the report` };
      return { name, state: 'ok', what: `${gives} can be read, in the sandbox` };
    }),
  ];
}

function checkSandbox(): Finding {
  const name = 'Sandbox (bubblewrap)';
  const bwrap = findProgram('bwrap');
  if (bwrap === null) return { name, state: 'missing', what: 'foreign readers are not run at all; for them: apt-get install bubblewrap' };
  const run = spawnSync(bwrap, ['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--', 'true'], { timeout: SANDBOX_TIMEOUT_MS });
  return run.status === 0
    ? { name, state: 'ok', what: 'starts here; no network, no host files for what runs in it' }
    : { name, state: 'limited', what: `is installed and does not start here (${run.stderr?.toString().trim().split('\n')[0] ?? 'no answer'}): foreign readers are not run` };
}
