/** Takes the volume's bytes in any order. What is never written must read as zero: a new sparse file or a zeroed buffer. */
export interface VolumeSink {
  write(bytes: Uint8Array, offset: number): void;
}
