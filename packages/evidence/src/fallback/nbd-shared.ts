/** What the two sides of an NBD source share. */
export interface NbdWorkerData {
  readonly socketPath: string;
  /** One Int32: 0 while waiting, else an answer code. */
  readonly state: SharedArrayBuffer;
  /** One Float64: size of the export. */
  readonly size: SharedArrayBuffer;
  /** Bytes of the last read. */
  readonly data: SharedArrayBuffer;
}

export interface NbdRequest {
  readonly offset: number;
  readonly length: number;
}

export const ANSWER_WAITING = 0;
export const ANSWER_OK = 1;
/** The server could not read these bytes; it may read others. */
export const ANSWER_READ_ERROR = 2;
/** The connection is of no more use. */
export const ANSWER_FAILED = 3;
/** Bytes of one request; qemu-nbd allows 32 MiB. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
