import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Where an image or volume goes. Writes may come in any order; what is not written reads as zeros. */
export interface ImageSink {
  write(bytes: Uint8Array, offset: number): void;
}

/** A new image file of a fixed size, sparse where nothing is written. */
export interface ImageFile extends ImageSink {
  close(): void;
}

/** Makes the file; one already there is emptied. A write past the size throws a RangeError. */
export function createImageFile(path: string, sizeBytes: number): ImageFile {
  const file = openSync(path, 'w');
  ftruncateSync(file, sizeBytes);
  return {
    write(bytes, offset) {
      if (offset + bytes.length > sizeBytes) throw new RangeError(`write of ${bytes.length} bytes at ${offset} passes the image's ${sizeBytes}`);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
    },
    close: () => closeSync(file),
  };
}

/** An image in memory, for small ones. */
export function createMemoryImage(sizeBytes: number): ImageSink & { readonly bytes: Buffer } {
  const image = Buffer.alloc(sizeBytes);
  return { bytes: image, write: (bytes, offset) => image.set(bytes, offset) };
}

/** The part of a sink that starts at an offset, such as one volume of a disk. */
export function sinkAt(sink: ImageSink, baseBytes: number): ImageSink {
  return { write: (bytes, offset) => sink.write(bytes, baseBytes + offset) };
}
