import { CODE_KEY_BYTES } from './keyed-code.ts';
import { writeSplat, type LaneKernel } from './lane-kernel.ts';
import { KEY_SLOTS, KEY_STATE_BYTES, LAYOUT } from './lane-layout.ts';
import { SHA256_START } from './sha256-lanes-code.ts';

/** The prepared states of the keys used of late. */
export interface KeyStates {
  /**
   * Where the states of a key stand in the kernel's memory.
   * @throws RangeError when the key is not 32 bytes long
   */
  of(codeKey: Uint8Array): number;
}

export function createKeyStates(kernel: LaneKernel): KeyStates {
  const keys: Uint8Array[] = [];
  let oldest = 0;
  return {
    of(codeKey) {
      if (codeKey.byteLength !== CODE_KEY_BYTES) throw new RangeError(`a code key has ${CODE_KEY_BYTES} bytes, not ${codeKey.byteLength}`);
      const known = keys.findIndex((key) => Buffer.compare(key, codeKey) === 0);
      if (known >= 0) return LAYOUT.keyStates + known * KEY_STATE_BYTES;
      const slot = oldest;
      oldest = (oldest + 1) % KEY_SLOTS;
      // A copy: the caller may use the array again for another key.
      keys[slot] = Uint8Array.from(codeKey);
      const at = LAYOUT.keyStates + slot * KEY_STATE_BYTES;
      writeKeyState(kernel, codeKey, at);
      return at;
    },
  };
}

/**
 * Writes the two states that HMAC-SHA-256 with this key starts from (RFC 2104): those after the key
 * block, inner and outer.
 * @param key at most 64 bytes
 * @param at where the 256 bytes go
 */
export function writeKeyState(kernel: LaneKernel, key: Uint8Array, at: number): void {
  const { words } = kernel;
  // Between two calls the window of codes is free. Inner and outer go through one step, in lanes 0 and 1.
  const messageAt = LAYOUT.codes;
  const startAt = LAYOUT.codes + 256;
  writeSplat(kernel, startAt, SHA256_START);
  const block = Buffer.alloc(64);
  block.set(key);
  for (let i = 0; i < 16; i++) {
    const word = block.readUInt32BE(i * 4);
    words[messageAt / 4 + i * 4] = word ^ 0x3636_3636;
    words[messageAt / 4 + i * 4 + 1] = word ^ 0x5c5c_5c5c;
  }
  kernel.sha256Compress(messageAt, startAt, LAYOUT.sha256State);
  for (let i = 0; i < 8; i++) {
    writeSplat(kernel, at + i * 16, [words[LAYOUT.sha256State / 4 + i * 4]!]);
    writeSplat(kernel, at + 128 + i * 16, [words[LAYOUT.sha256State / 4 + i * 4 + 1]!]);
  }
  kernel.bytes.fill(0, messageAt, messageAt + 256);
}
