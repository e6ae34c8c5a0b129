import type { SandboxProfile } from '../launch.ts';
import {
  ALLOW,
  assemble,
  failWith,
  giveBack,
  KILL_PROCESS,
  loadArchitecture,
  loadArgument,
  loadNumber,
  unlessEqual,
  whenAnyBit,
  whenAtLeast,
  whenEqual,
  type BpfInstruction,
} from './bpf-program.ts';
import { ALLOWED_CALLS, CLONE, CLONE3, IO_URING_SETUP, IOCTL, KILLED_CALLS, PRCTL, PRLIMIT64, SOCKET, SOCKETPAIR, TOOL_CALLS } from './system-calls.ts';

/** AUDIT_ARCH_X86_64. */
const X86_64 = 0xc000_003e;
/** From this number on, calls are those of the x32 variant, which would slip past a list of numbers. */
const X32_BIT = 0x4000_0000;
const EPERM = 1;
const ENOSYS = 38;

const CLONE_THREAD = 0x0001_0000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;
const AF_UNIX = 1;
const AF_INET = 2;
/** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: questions, and flags of a descriptor. */
const IOCTLS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451];
/** PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_VMA. */
const PRCTLS = [1, 3, 15, 16, 23, 38, 39, 0x5356_4d41];

/** True where the filter knows the numbers of system calls. */
export function hasFilterFor(architecture: string): boolean {
  return architecture === 'x64';
}

/**
 * The filter of a profile: an allow-list; all else fails with EPERM, and what no decoder has a reason
 * to try ends the process. Only for x86-64 ({@link hasFilterFor}).
 */
export function decodeFilter(profile: SandboxProfile): Uint8Array {
  return assemble(decodeProgram(profile));
}

/** The same as instructions, so that tests can run them. */
export function decodeProgram(profile: SandboxProfile): BpfInstruction[] {
  const isTools = profile === 'tools';
  return [
    loadArchitecture(),
    ...unlessEqual(X86_64, [giveBack(KILL_PROCESS)]),
    loadNumber(),
    ...whenAtLeast(X32_BIT, [giveBack(KILL_PROCESS)]),
    ...each(ALLOWED_CALLS, ALLOW),
    ...(isTools ? each(TOOL_CALLS, ALLOW) : []),
    ...whenEqual(CLONE, [
      loadArgument(0),
      ...whenAnyBit(CLONE_NAMESPACES, [giveBack(KILL_PROCESS)]),
      ...(isTools ? [giveBack(ALLOW)] : [...whenAnyBit(CLONE_THREAD, [giveBack(ALLOW)]), giveBack(failWith(EPERM))]),
    ]),
    // Its flags lie in memory, where a filter cannot look; C libraries then fall back to clone.
    ...whenEqual(CLONE3, [giveBack(failWith(ENOSYS))]),
    ...whenEqual(IO_URING_SETUP, [giveBack(failWith(ENOSYS))]),
    ...whenEqual(SOCKET, isTools ? allowListed(0, [AF_INET]) : [giveBack(failWith(EPERM))]),
    ...whenEqual(SOCKETPAIR, isTools ? allowListed(0, [AF_UNIX]) : [giveBack(failWith(EPERM))]),
    ...whenEqual(IOCTL, allowListed(1, IOCTLS)),
    ...whenEqual(PRCTL, allowListed(0, PRCTLS)),
    // May ask for its own limits and set none: process 0 is itself, and the new limits must be a null pointer.
    ...whenEqual(PRLIMIT64, [
      loadArgument(0), ...unlessEqual(0, [giveBack(failWith(EPERM))]),
      loadArgument(2), ...unlessEqual(0, [giveBack(failWith(EPERM))]),
      loadArgument(2, 'high'), ...unlessEqual(0, [giveBack(failWith(EPERM))]),
      giveBack(ALLOW),
    ]),
    ...each(KILLED_CALLS, KILL_PROCESS),
    giveBack(failWith(EPERM)),
  ];
}

function each(calls: Readonly<Record<string, number>>, action: number): BpfInstruction[] {
  return Object.values(calls).flatMap((number) => whenEqual(number, [giveBack(action)]));
}

function allowListed(argument: number, values: readonly number[]): BpfInstruction[] {
  return [loadArgument(argument), ...values.flatMap((value) => whenEqual(value, [giveBack(ALLOW)])), giveBack(failWith(EPERM))];
}
