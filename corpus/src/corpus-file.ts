/** Content made when it is written, so that a large file needs little memory. */
export interface GeneratedContent {
  readonly sizeBytes: number;
  /** The content in order; the lengths must sum to `sizeBytes`. Each call starts anew and gives the same bytes. */
  chunks(): Iterable<Uint8Array>;
}

/** One file of a generated volume. Every volume writer takes a plain list of these. */
export interface CorpusFile {
  /** Slash-separated path inside the volume, without a leading slash. Folders on the way are made. */
  readonly path: string;
  readonly content: Buffer | GeneratedContent;
  /** True: the file is written and then deleted, as the file system's own driver would. */
  readonly deleted?: boolean;
  /** Number of separate pieces its content is to lie in; 1 when absent. */
  readonly fragments?: number;
  /** Modification time, seconds since 1970-01-01 UTC (written as local time on FAT). */
  readonly modifiedAtSeconds?: number;
}

/** Length of a corpus file's content in bytes. */
export function contentSizeBytes(content: CorpusFile['content']): number {
  return Buffer.isBuffer(content) ? content.length : content.sizeBytes;
}

/** A corpus file's content as chunks, whichever way it is given. */
export function contentChunks(content: CorpusFile['content']): Iterable<Uint8Array> {
  return Buffer.isBuffer(content) ? [content] : content.chunks();
}
