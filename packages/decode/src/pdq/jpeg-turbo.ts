/**
 * libjpeg-turbo as WebAssembly, from the npm package @cwasm/jpeg-turbo. Its own wrapper gives RGBA at
 * full size and no more; the module exports the TurboJPEG 2 functions themselves, which also give the
 * brightness plane alone and at 1/2, 1/4 and 1/8. Structures passed through its memory, little-endian:
 *
 *     tjDecompressHeader3(handle, jpeg, length, &width, &height, &subsampling, &colourspace)  four int32
 *     tjDecompress2(handle, jpeg, length, out, width, pitch, height, pixelFormat, flags)
 *
 * The module's setjmp does nothing and its longjmp throws: after a fatal error its memory is in an
 * unknown state, so the instance is thrown away, and so it is after a warning and after a large picture,
 * because its memory only grows.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MalformedError } from '@kerbside/bytes';

/** The part of the runtime's WebAssembly interface used here; TypeScript declares it only together with a browser's. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
};

/** Colour of a JPEG, by TurboJPEG's numbers. */
export const JPEG_COLOUR = { rgb: 0, ycbcr: 1, grey: 2, cmyk: 3, ycck: 4 } as const;

/** TurboJPEG's number for one byte of brightness a pixel. */
const PIXEL_FORMAT_GREY = 6;

/** An instance that has grown beyond this is not kept: 12 megapixels at 1/8 need less. */
const MAX_KEPT_MEMORY_BYTES = 64 * 1024 * 1024;

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** One of {@link JPEG_COLOUR}. */
  readonly colour: number;
}

/** The brightness plane of a JPEG, perhaps reduced. */
export interface JpegPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** The decoder warned: the picture ends early or is damaged, and a part of the plane is made up. */
  readonly damaged: boolean;
}

interface TurboExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(sizeBytes: number): number;
  free(pointer: number): void;
  tjInitDecompress(): number;
  tjDestroy(handle: number): void;
  tjDecompressHeader3(handle: number, jpeg: number, length: number, width: number, height: number, subsampling: number, colour: number): number;
  tjDecompress2(handle: number, jpeg: number, length: number, out: number, width: number, pitch: number, height: number, format: number, flags: number): number;
}

let compiled: object | null = null;
let kept: TurboExports | null = null;

/**
 * Reads the header and, where `chooseReduction` gives a number, the brightness plane at that reduction.
 *
 * @param chooseReduction 1, 2, 4 or 8, or null to leave the picture undecoded
 * @throws MalformedError `jpeg-undecodable` when libjpeg-turbo gives up
 */
export function readJpegPlane(jpeg: Uint8Array, chooseReduction: (header: JpegHeader) => number | null): { header: JpegHeader; plane: JpegPlane | null } {
  const turbo = kept ?? instantiate();
  // Only an instance that came through without a word is used again.
  kept = null;
  try {
    const result = decodeWith(turbo, jpeg, chooseReduction);
    if (result.plane?.damaged !== true && turbo.memory.buffer.byteLength <= MAX_KEPT_MEMORY_BYTES) kept = turbo;
    return result;
  } catch (cause) {
    if (cause instanceof MalformedError || cause instanceof TurboFailure || cause instanceof WebAssembly.RuntimeError) {
      throw new MalformedError('jpeg-undecodable', 'libjpeg-turbo cannot decode this JPEG.', {}, cause);
    }
    throw cause;
  }
}

/** What the module's longjmp and its missing system calls turn into. */
class TurboFailure extends Error {
  override readonly name = 'TurboFailure';
}

function decodeWith(turbo: TurboExports, jpeg: Uint8Array, chooseReduction: (header: JpegHeader) => number | null): { header: JpegHeader; plane: JpegPlane | null } {
  const handle = need(turbo.tjInitDecompress());
  const input = need(turbo.malloc(jpeg.length));
  new Uint8Array(turbo.memory.buffer, input, jpeg.length).set(jpeg);
  const facts = need(turbo.malloc(16));
  if (turbo.tjDecompressHeader3(handle, input, jpeg.length, facts, facts + 4, facts + 8, facts + 12) !== 0) throw new TurboFailure('header');
  const [width = 0, height = 0, , colour = -1] = new Int32Array(turbo.memory.buffer, facts, 4);
  if (width < 1 || height < 1) throw new TurboFailure('empty');
  const header = { width, height, colour };
  const reduction = chooseReduction(header);
  const plane = reduction === null ? null : decodePlane(turbo, { handle, input, length: jpeg.length }, Math.ceil(width / reduction), Math.ceil(height / reduction));
  turbo.free(facts);
  turbo.free(input);
  turbo.tjDestroy(handle);
  return { header, plane };
}

function decodePlane(turbo: TurboExports, source: { handle: number; input: number; length: number }, width: number, height: number): JpegPlane {
  const out = need(turbo.malloc(width * height));
  // What the decoder leaves unwritten must not show an earlier picture.
  new Uint8Array(turbo.memory.buffer, out, width * height).fill(128);
  const status = turbo.tjDecompress2(source.handle, source.input, source.length, out, width, width, height, PIXEL_FORMAT_GREY, 0);
  // A fatal error never returns here: it throws. What returns non-zero is a warning.
  const data = new Uint8Array(turbo.memory.buffer, out, width * height).slice();
  turbo.free(out);
  return { width, height, data, damaged: status !== 0 };
}

function need(pointer: number): number {
  if (pointer === 0) throw new TurboFailure('memory');
  return pointer;
}

function instantiate(): TurboExports {
  compiled ??= new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm')));
  const fail = (what: string) => (): never => {
    throw new TurboFailure(what);
  };
  const imports = {
    env: { setjmp: () => 0, longjmp: fail('longjmp') },
    wasi_snapshot_preview1: {
      environ_sizes_get: () => 0,
      environ_get: fail('environ_get'),
      proc_exit: fail('proc_exit'),
      fd_close: fail('fd_close'),
      fd_seek: fail('fd_seek'),
      fd_write: fail('fd_write'),
    },
  };
  return new WebAssembly.Instance(compiled, imports).exports as TurboExports;
}
