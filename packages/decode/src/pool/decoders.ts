import type { JsonObject } from '@kerbside/bytes';

/** What is to be decoded: all its bytes, or a way to read them, called in this process and thread. */
export type DecodeContent = { readonly bytes: Uint8Array } | { readonly sizeBytes: number; readonly readAt: (offset: number, length: number) => Uint8Array };

export interface DecodeRequest {
  /** A name in the table of handlers (worker/handlers.ts). */
  readonly kind: string;
  readonly request: JsonObject;
  readonly content: DecodeContent;
  /** Takes a piece of a long answer; the worker waits until it resolves. Throwing ends the request with that error. */
  readonly onPiece?: (piece: Uint8Array) => void | Promise<void>;
  /**
   * CPU milliseconds that the request may use; three times as many may pass on the clock, apart from
   * the time this side takes to read ranges and to take pieces. Default: 10 s and 2 s for each MB.
   */
  readonly timeoutMs?: number;
}

/** What a worker answered: well-formed, bounded, and otherwise not to be believed. */
export interface DecodeReply {
  readonly json: JsonObject;
  readonly bytes: Uint8Array;
}

/** Sandboxed workers that decode. Each takes one request at a time; requests wait for a free one in order. */
export interface Decoders {
  /**
   * @throws KerbsideError a fault of the content as the handler told it; the reader's own error when a
   * range could not be read; malformed `decoder-died`, `decoder-overran`, `decoder-lied`;
   * limit `decoder-memory`, `decode-content-limit`
   */
  run(request: DecodeRequest): Promise<DecodeReply>;
  /** Ends all workers; requests under way reject. */
  close(): Promise<void>;
}
