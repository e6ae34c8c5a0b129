import {
  MAX_FAILURE_JSON_BYTES,
  MAX_PIECE_BYTES,
  MAX_RANGE_BYTES,
  MAX_REPLY_BYTES,
  MAX_REPLY_JSON_BYTES,
  MAX_REQUEST_JSON_BYTES,
  MAX_WHOLE_CONTENT_BYTES,
} from './limits.ts';

/**
 * Layout of a frame, the same both ways; integers are little-endian.
 *
 * | offset | size | field                                     |
 * | ------ | ---- | ----------------------------------------- |
 * | 0      | 4    | length of the body in bytes               |
 * | 4      | 1    | type, one of the constants below          |
 * | 5      | n    | body                                      |
 *
 * The talk is strictly in turns: a worker that has asked waits for the answer, and the parent sends
 * nothing that was not asked for. So at any moment each side knows which types may come.
 *
 * ```
 * worker  READY
 * parent  REQUEST [CONTENT]
 * worker    NEED_RANGE -> parent RANGE_DATA | RANGE_FAILED      (any number)
 * worker    PIECE      -> parent PIECE_TAKEN                    (any number)
 * worker  REPLY | FAILED
 * ```
 */
export const FRAME_HEAD_BYTES = 5;

/** JSON `{ kind, request, sizeBytes, isWhole }`; CONTENT follows when `isWhole`. */
export const REQUEST = 1;
/** The whole content. */
export const CONTENT = 2;
/** Bytes of the range asked for; fewer at the end of the content. */
export const RANGE_DATA = 3;
/** JSON `{ code, message }`: the medium did not give the range. */
export const RANGE_FAILED = 4;
/** Empty: the piece was taken, the next may come. */
export const PIECE_TAKEN = 5;

/** Empty: the worker has started and waits. */
export const READY = 16;
/** Offset as 8 bytes, length as 4 bytes. */
export const NEED_RANGE = 17;
/** Bytes of a long answer. */
export const PIECE = 18;
/** Length of the JSON as 4 bytes, the JSON, then the bytes of the answer. */
export const REPLY = 19;
/** JSON `{ kind, code, message }` of a fault of the content. */
export const FAILED = 20;

export const NEED_RANGE_BODY_BYTES = 12;
export const REPLY_HEAD_BYTES = 4;

/** Longest body of each type. A type that is not here does not exist. */
export const BODY_LIMITS: ReadonlyMap<number, number> = new Map([
  [REQUEST, MAX_REQUEST_JSON_BYTES],
  [CONTENT, MAX_WHOLE_CONTENT_BYTES],
  [RANGE_DATA, MAX_RANGE_BYTES],
  [RANGE_FAILED, MAX_FAILURE_JSON_BYTES],
  [PIECE_TAKEN, 0],
  [READY, 0],
  [NEED_RANGE, NEED_RANGE_BODY_BYTES],
  [PIECE, MAX_PIECE_BYTES],
  [REPLY, REPLY_HEAD_BYTES + MAX_REPLY_JSON_BYTES + MAX_REPLY_BYTES],
  [FAILED, MAX_FAILURE_JSON_BYTES],
]);

/** The five bytes before a body. */
export function frameHead(type: number, bodyBytes: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD_BYTES);
  new DataView(head.buffer).setUint32(0, bodyBytes, true);
  head[4] = type;
  return head;
}
