import type { JsonObject } from '@kerbside/bytes';

/** What a request gives to its handler inside the sandbox. */
export interface HandlerInput {
  /** Length of the content in bytes. */
  readonly sizeBytes: number;
  /** The whole content; only for requests that were sent with it. Valid during the request. */
  bytes(): Uint8Array;
  /**
   * Asks the parent for a range of the content. Fewer bytes come back at its end.
   * A range that the medium cannot give rejects with a MediumError.
   */
  readAt(offset: number, length: number): Promise<Uint8Array>;
}

/** What a handler answers with; the parent checks both again and trusts neither. */
export interface HandlerReply {
  readonly json: JsonObject;
  readonly bytes?: Uint8Array;
}

/**
 * One kind of request, handled inside the sandbox. A fault of the content is thrown as a KerbsideError
 * (`malformed`, `unsupported`, `limit`) and reaches the parent as such; anything else ends the worker.
 *
 * @param request the parent's own words, already checked there
 * @param emit sends a piece of a long answer to the parent and resolves when it may send more
 */
export type Handler = (request: JsonObject, input: HandlerInput, emit: (piece: Uint8Array) => Promise<void>) => Promise<HandlerReply>;
