import { type KerbsideError, LimitError } from '@kerbside/bytes';
import type { DecodeContent, Decoders } from '../pool/decoders.ts';
import { requirePlainRar } from './rar-headers.ts';

export interface UnpackOptions {
  /** CPU time in milliseconds; three times as many may pass on the clock. */
  readonly timeoutMs?: number;
  /** Counts what comes out (`ContainerBudget.countExpanded`); what it throws ends the unpacking. */
  readonly countBytes: (bytes: number) => void;
}

/** Unpacking costs about a second of CPU for 50 MB; no archive may take longer than this. */
const MAX_TIMEOUT_MS = 600_000;
const LEAST_TIMEOUT_MS = 20_000;
const BYTES_PER_SECOND = 2_000_000;

/** CPU time allowed for an archive: solid ones unpack everything, so it grows with the packed length. */
export function unpackTimeoutMs(sizeBytes: number): number {
  return Math.min(MAX_TIMEOUT_MS, LEAST_TIMEOUT_MS + (sizeBytes / BYTES_PER_SECOND) * 1000);
}

/**
 * An archive that can be read from a pipe (RAR, ZIP) as a TAR that comes piece by piece out of the sandbox, for `readTarStream`. Nothing more is unpacked than
 * is asked for; leaving the loop ends the unpacking.
 *
 * @yields pieces, each valid until the next
 * @throws UnsupportedError `archive-encrypted`, `archive-part`; KerbsideError what the unpacker told (`unpack-damaged`, …) after the pieces that came
 *   before it, what `countBytes` throws, or a fault of the worker
 */
export async function* unpackToTar(decoders: Decoders, content: Exclude<DecodeContent, { bytes: Uint8Array }>, options: UnpackOptions): AsyncGenerator<Uint8Array, void, undefined> {
  requirePlainRar(content.sizeBytes, content.readAt);
  const handover = new Handover();
  const running = decoders
    .run({
      kind: 'unpack',
      request: {},
      content,
      timeoutMs: options.timeoutMs ?? unpackTimeoutMs(content.sizeBytes),
      onPiece: async (piece) => {
        options.countBytes(piece.length);
        await handover.give(piece);
      },
    })
    .then(() => handover.end(null), (error: unknown) => handover.end(error));
  try {
    for (;;) {
      const piece = await handover.take();
      if (piece === null) return;
      yield piece;
    }
  } finally {
    handover.refuse();
    await running;
  }
}

/** Pieces pushed by the pool and pulled by the reader, one at a time. */
class Handover {
  #piece: Uint8Array | null = null;
  #isOver = false;
  #isRefused = false;
  #failure: unknown = null;
  #wakeTaker: (() => void) | null = null;
  #wakeGiver: (() => void) | null = null;
  /** The reader holds a piece; asking for the next gives it back. */
  #hasLent = false;

  /** Resolves when the reader asks for more. */
  async give(piece: Uint8Array): Promise<void> {
    if (this.#isRefused) throw left();
    this.#piece = piece;
    this.#wakeTaker?.();
    await new Promise<void>((resolve) => {
      this.#wakeGiver = resolve;
    });
    if (this.#isRefused) throw left();
  }

  end(failure: unknown): void {
    this.#isOver = true;
    this.#failure = failure;
    this.#wakeTaker?.();
  }

  refuse(): void {
    this.#isRefused = true;
    this.#wakeGiver?.();
  }

  async take(): Promise<Uint8Array | null> {
    if (this.#hasLent) {
      this.#hasLent = false;
      this.#wakeGiver?.();
    }
    while (this.#piece === null) {
      if (this.#isOver) {
        if (this.#failure !== null) throw this.#failure;
        return null;
      }
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    const piece = this.#piece;
    this.#piece = null;
    this.#hasLent = true;
    return piece;
  }
}

function left(): KerbsideError {
  return new LimitError('unpack-left', 'the reader of an archive wanted no more of it');
}
