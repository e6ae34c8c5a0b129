import { KerbsideError, MediumError, type JsonObject, type JsonValue } from '@kerbside/bytes';
import { failureJson } from '../protocol/failure.ts';
import { CONTENT, FAILED, NEED_RANGE, NEED_RANGE_BODY_BYTES, PIECE, PIECE_TAKEN, RANGE_DATA, RANGE_FAILED, READY, REPLY, REPLY_HEAD_BYTES, REQUEST } from '../protocol/frames.ts';
import { MAX_PIECE_BYTES, MAX_RANGE_BYTES } from '../protocol/limits.ts';
import { readSafeJson, writeJson } from '../protocol/safe-json.ts';
import type { Handler, HandlerInput } from './handler.ts';
import { ParentChannel } from './parent-channel.ts';

/** Loads a handler when the first request of its kind comes. */
export type HandlerTable = Readonly<Record<string, () => Promise<Handler>>>;

const PARENT_DESCRIPTOR = 3;
const EXIT_PARENT_GONE = 0;

const channel = new ParentChannel(PARENT_DESCRIPTOR);
const loaded = new Map<string, Handler>();

/**
 * Answers one request after another on descriptor 3, inside the sandbox (docs/reference/sandbox.md),
 * until the parent closes it. A fault of the content is told; any other fault ends the process, and the
 * parent starts another.
 *
 * @param handlers what this worker can do
 */
export async function serveRequests(handlers: HandlerTable): Promise<never> {
  channel.send(READY);
  for (;;) await answerOne(handlers);
}

async function answerOne(handlers: HandlerTable): Promise<void> {
  const frame = receiveOrEnd();
  const words = frame.type === REQUEST ? readSafeJson(frame.body) : null;
  if (words === null) throw new Error('the parent sent no request');
  const { kind, request, sizeBytes, isWhole } = words;
  if (typeof kind !== 'string' || typeof sizeBytes !== 'number' || !isObject(request)) throw new Error('the parent sent a request without a kind or a size');
  const whole = isWhole === true ? receiveContent() : null;
  const handler = await handlerOf(handlers, kind);
  try {
    const { json, bytes } = await handler(request, inputOf(sizeBytes, whole), async (piece) => sendPieces(piece));
    const body = writeJson(json);
    const head = new Uint8Array(REPLY_HEAD_BYTES);
    new DataView(head.buffer).setUint32(0, body.length, true);
    channel.send(REPLY, head, body, bytes ?? new Uint8Array(0));
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    channel.send(FAILED, writeJson(failureJson(error)));
  }
}

function inputOf(sizeBytes: number, whole: Uint8Array | null): HandlerInput {
  return {
    sizeBytes,
    bytes: () => {
      if (whole === null) throw new Error('this content is read by ranges');
      return whole;
    },
    readAt: async (offset, length) => (whole === null ? readRange(offset, length) : whole.slice(offset, offset + length)),
  };
}

/** Longer ranges than one frame holds are asked for in parts. */
function readRange(offset: number, length: number): Uint8Array {
  if (length <= MAX_RANGE_BYTES) return askForRange(offset, length);
  const all = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const wanted = Math.min(MAX_RANGE_BYTES, length - done);
    const part = askForRange(offset + done, wanted);
    all.set(part, done);
    done += part.length;
    if (part.length < wanted) return all.subarray(0, done);
  }
  return all;
}

function askForRange(offset: number, length: number): Uint8Array {
  const body = new Uint8Array(NEED_RANGE_BODY_BYTES);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(offset), true);
  view.setUint32(8, length, true);
  channel.send(NEED_RANGE, body);
  const answer = receiveOrEnd();
  if (answer.type === RANGE_DATA) return answer.body;
  const failure = answer.type === RANGE_FAILED ? readSafeJson(answer.body) : null;
  const { code, message } = failure ?? {};
  if (typeof code !== 'string' || typeof message !== 'string') throw new Error('the parent answered something else than a range');
  throw new MediumError(code, message, { offset, length });
}

function sendPieces(piece: Uint8Array): void {
  for (let start = 0; start < piece.length; start += MAX_PIECE_BYTES) {
    channel.send(PIECE, piece.subarray(start, start + MAX_PIECE_BYTES));
    if (receiveOrEnd().type !== PIECE_TAKEN) throw new Error('the parent answered something else than that it took the piece');
  }
}

async function handlerOf(handlers: HandlerTable, kind: string): Promise<Handler> {
  const known = loaded.get(kind);
  if (known !== undefined) return known;
  const load = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (load === undefined) throw new Error(`no handler for ${kind}`);
  const handler = await load();
  loaded.set(kind, handler);
  return handler;
}

function receiveContent(): Uint8Array {
  const { type, body } = receiveOrEnd(true);
  if (type !== CONTENT) throw new Error('the parent sent no content');
  return body;
}

function receiveOrEnd(keep = false): { readonly type: number; readonly body: Uint8Array } {
  return channel.receive(keep) ?? process.exit(EXIT_PARENT_GONE);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
