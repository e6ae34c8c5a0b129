/**
 * A small assembler for classic BPF as the kernel's seccomp runs it.
 *
 * One instruction is a `struct sock_filter` (linux/filter.h), 8 bytes, little-endian here:
 *
 * | offset | size | field                                                        |
 * | ------ | ---- | ------------------------------------------------------------ |
 * | 0      | 2    | code: operation                                              |
 * | 2      | 1    | jt: instructions to skip when a comparison is true           |
 * | 3      | 1    | jf: instructions to skip when it is false                    |
 * | 4      | 4    | k: constant, or offset into the data                         |
 *
 * The data it looks at is a `struct seccomp_data` (linux/seccomp.h), 64 bytes:
 *
 * | offset | size | field                                                        |
 * | ------ | ---- | ------------------------------------------------------------ |
 * | 0      | 4    | number of the system call                                    |
 * | 4      | 4    | architecture (AUDIT_ARCH_*)                                  |
 * | 8      | 8    | instruction pointer                                          |
 * | 16     | 48   | six arguments of 8 bytes; the low half comes first           |
 */

export interface BpfInstruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly constant: number;
}

export const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS: the kernel takes no longer program. */
export const MAX_INSTRUCTIONS = 4_096;
const MAX_JUMP = 255;

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const ARGUMENTS_OFFSET = 16;
const ARGUMENT_BYTES = 8;

export const ALLOW = 0x7fff_0000;
export const KILL_PROCESS = 0x8000_0000;

/** The call fails with this error number and does nothing. */
export function failWith(errorNumber: number): number {
  return 0x0005_0000 | errorNumber;
}

export function loadNumber(): BpfInstruction {
  return instruction(LOAD_WORD, NUMBER_OFFSET);
}

export function loadArchitecture(): BpfInstruction {
  return instruction(LOAD_WORD, ARCHITECTURE_OFFSET);
}

/** Loads the low or the high 32 bits of an argument (0 to 5). */
export function loadArgument(index: number, half: 'low' | 'high' = 'low'): BpfInstruction {
  return instruction(LOAD_WORD, ARGUMENTS_OFFSET + index * ARGUMENT_BYTES + (half === 'high' ? 4 : 0));
}

export function giveBack(action: number): BpfInstruction {
  return instruction(RETURN, action);
}

/** What follows runs only when the loaded word equals `value`; otherwise it is skipped. */
export function whenEqual(value: number, body: readonly BpfInstruction[]): BpfInstruction[] {
  return [jump(JUMP_EQUAL, value, 0, body.length), ...body];
}

export function whenAtLeast(value: number, body: readonly BpfInstruction[]): BpfInstruction[] {
  return [jump(JUMP_GREATER_OR_EQUAL, value, 0, body.length), ...body];
}

/** What follows runs only when the loaded word has at least one of these bits. */
export function whenAnyBit(bits: number, body: readonly BpfInstruction[]): BpfInstruction[] {
  return [jump(JUMP_ANY_BIT, bits, 0, body.length), ...body];
}

export function unlessEqual(value: number, body: readonly BpfInstruction[]): BpfInstruction[] {
  return [jump(JUMP_EQUAL, value, body.length, 0), ...body];
}

/** The bytes that the kernel, and bubblewrap's `--seccomp`, take. */
export function assemble(program: readonly BpfInstruction[]): Uint8Array {
  if (program.length === 0 || program.length > MAX_INSTRUCTIONS) throw new Error(`a filter has 1 to ${MAX_INSTRUCTIONS} instructions, not ${program.length}`);
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, jumpTrue, jumpFalse, constant }] of program.entries()) {
    const offset = index * INSTRUCTION_BYTES;
    view.setUint16(offset, code, true);
    view.setUint8(offset + 2, jumpTrue);
    view.setUint8(offset + 3, jumpFalse);
    view.setUint32(offset + 4, constant, true);
  }
  return bytes;
}

function instruction(code: number, constant: number): BpfInstruction {
  return { code, jumpTrue: 0, jumpFalse: 0, constant: constant >>> 0 };
}

function jump(code: number, constant: number, jumpTrue: number, jumpFalse: number): BpfInstruction {
  if (jumpTrue > MAX_JUMP || jumpFalse > MAX_JUMP) throw new Error('a part of the filter is too long to be skipped');
  return { code, jumpTrue, jumpFalse, constant: constant >>> 0 };
}
