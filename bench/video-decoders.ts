import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { DecodeContent, Decoders } from '@kerbside/decode';
import { handleVideo } from '../packages/decode/src/video/handle-video.ts';
import type { HandlerInput } from '../packages/decode/src/worker/handler.ts';

/** A file as the handler sees content. */
export function fileInput(path: string): { readonly input: HandlerInput; readonly readAt: (offset: number, length: number) => Uint8Array; readonly close: () => void } {
  const file = openSync(path, 'r');
  const { size: sizeBytes } = fstatSync(file);
  const readAt = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  };
  const input = { sizeBytes, bytes: () => readAt(0, sizeBytes), readAt: (offset: number, length: number) => Promise.resolve(readAt(offset, length)) };
  return { input, readAt, close: () => closeSync(file) };
}

/** The handler in this very process, on a file that we made ourselves: what it costs without the walls around it. */
export function fileDecoders(path: string): { readonly decoders: Pick<Decoders, 'run'>; readonly content: DecodeContent; readonly close: () => void } {
  const { input, readAt, close } = fileInput(path);
  return {
    decoders: {
      async run({ request, onPiece }) {
        const { json } = await handleVideo(request, input, async (piece) => onPiece?.(piece));
        return { json, bytes: new Uint8Array(0) };
      },
    },
    content: { sizeBytes: input.sizeBytes, readAt },
    close,
  };
}
