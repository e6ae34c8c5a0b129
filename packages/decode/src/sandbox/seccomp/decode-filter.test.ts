import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALLOW, assemble, failWith, KILL_PROCESS, type BpfInstruction } from './bpf-program.ts';
import { decodeFilter, decodeProgram } from './decode-filter.ts';
import { ALLOWED_CALLS, KILLED_CALLS, TOOL_CALLS } from './system-calls.ts';

const X86_64 = 0xc000_003e;
const EPERM = failWith(1);
const ENOSYS = failWith(38);

/** Runs a filter as the kernel does, on a call with these arguments. */
function run(program: readonly BpfInstruction[], number: number, args: readonly bigint[] = [], architecture = X86_64): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, architecture, true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, value, true);
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const step = program[at];
    assert.ok(step !== undefined, 'the filter runs past its end');
    const { code, constant, jumpTrue, jumpFalse } = step;
    if (code === 0x20) accumulator = data.getUint32(constant, true);
    else if (code === 0x06) return constant;
    else if (code === 0x15) at += accumulator === constant ? jumpTrue : jumpFalse;
    else if (code === 0x35) at += accumulator >= constant ? jumpTrue : jumpFalse;
    else if (code === 0x45) at += (accumulator & constant) !== 0 ? jumpTrue : jumpFalse;
    else assert.fail(`unknown instruction ${code}`);
  }
}

const picture = decodeProgram('picture');
const tools = decodeProgram('tools');

test('listed calls pass, the worst are killed, all others fail; no call stands in two lists', () => {
  for (const [name, number] of Object.entries(ALLOWED_CALLS)) for (const filter of [picture, tools]) assert.equal(run(filter, number), ALLOW, name);
  for (const [name, number] of Object.entries(KILLED_CALLS)) for (const filter of [picture, tools]) assert.equal(run(filter, number), KILL_PROCESS, name);
  for (const [name, number] of Object.entries(TOOL_CALLS)) {
    assert.equal(run(picture, number), EPERM, name);
    assert.equal(run(tools, number), ALLOW, name);
  }
  const all = [ALLOWED_CALLS, TOOL_CALLS, KILLED_CALLS].flatMap((calls) => Object.values(calls));
  assert.equal(new Set(all).size, all.length);
  const special = new Set([16, 41, 53, 56, 157, 302, 425, 435]);
  for (let number = 0; number < 700; number += 1) if (!all.includes(number) && !special.has(number)) assert.equal(run(tools, number), EPERM);
});

test('another architecture, the x32 variant and negative numbers are killed', () => {
  assert.equal(run(picture, 0, [], 0x4000_0003), KILL_PROCESS);
  assert.equal(run(picture, 0x4000_0000), KILL_PROCESS);
  assert.equal(run(picture, 0xffff_ffff), KILL_PROCESS);
});

test('threads may be made, processes only with tools, namespaces never', () => {
  const thread = 0x3d0f00n;
  const fork = 0x120_0011n;
  assert.deepEqual([run(picture, 56, [thread]), run(picture, 56, [fork])], [ALLOW, EPERM]);
  assert.deepEqual([run(tools, 56, [thread]), run(tools, 56, [fork])], [ALLOW, ALLOW]);
  for (const flag of [0x2_0000n, 0x200_0000n, 0x400_0000n, 0x800_0000n, 0x1000_0000n, 0x2000_0000n, 0x4000_0000n]) {
    assert.equal(run(picture, 56, [thread | flag]), KILL_PROCESS);
    assert.equal(run(tools, 56, [fork | flag]), KILL_PROCESS);
  }
  assert.equal(run(tools, 435), ENOSYS);
  assert.equal(run(tools, 425), ENOSYS);
});

test('sockets, requests to devices and limits of a process are let through by what they ask', () => {
  assert.deepEqual([1n, 2n, 10n, 16n, 17n].map((family) => run(picture, 41, [family])), [EPERM, EPERM, EPERM, EPERM, EPERM]);
  assert.deepEqual([1n, 2n, 10n, 16n, 17n].map((family) => run(tools, 41, [family])), [EPERM, ALLOW, EPERM, EPERM, EPERM]);
  assert.deepEqual([run(picture, 16, [0n, 0x5401n]), run(picture, 16, [0n, 0x5412n])], [ALLOW, EPERM], 'TCGETS, TIOCSTI');
  assert.deepEqual([run(picture, 157, [15n]), run(picture, 157, [22n])], [ALLOW, EPERM], 'PR_SET_NAME, PR_SET_SECCOMP');
  assert.deepEqual([run(picture, 302, [0n, 7n, 0n]), run(picture, 302, [0n, 7n, 1n]), run(picture, 302, [0n, 7n, 1n << 32n]), run(picture, 302, [5n, 7n, 0n])], [ALLOW, EPERM, EPERM, EPERM]);
});

test('the bytes are laid out as struct sock_filter, and a program of a wrong length is refused', () => {
  const bytes = decodeFilter('picture');
  assert.equal(bytes.length, picture.length * 8);
  assert.deepEqual([...bytes.subarray(0, 24)], [0x20, 0, 0, 0, 4, 0, 0, 0, 0x15, 0, 1, 0, 0x3e, 0, 0, 0xc0, 0x06, 0, 0, 0, 0, 0, 0, 0x80]);
  assert.throws(() => assemble([]));
  assert.throws(() => assemble(Array.from({ length: 4_097 }, () => picture[0]!)));
});
