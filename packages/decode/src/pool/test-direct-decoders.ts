import type { Decoders } from './decoders.ts';
import { HANDLERS } from '../worker/handlers.ts';

/**
 * Answers requests in this very process: for tests alone, on content that we made ourselves. Content of evidence goes to
 * the sandbox or nowhere.
 */
export function directDecoders(): Pick<Decoders, 'run'> {
  return {
    async run({ kind, request, content, onPiece }) {
      const handler = await HANDLERS[kind]!();
      const sizeBytes = 'bytes' in content ? content.bytes.byteLength : content.sizeBytes;
      const readAt = (offset: number, length: number): Uint8Array => ('bytes' in content ? content.bytes.subarray(offset, offset + length) : content.readAt(offset, length));
      const reply = await handler(
        request,
        { sizeBytes, bytes: () => readAt(0, sizeBytes), readAt: (offset, length) => Promise.resolve(readAt(offset, length)) },
        async (piece) => onPiece?.(piece),
      );
      return { json: reply.json, bytes: reply.bytes ?? new Uint8Array(0) };
    },
  };
}
