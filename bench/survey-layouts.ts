/** Blocks are looked up in pieces of this size. */
export const BLOCK_BYTES = 4096;

/** A piece of a known file on the model disk: whole blocks, side by side, on the cluster grid. */
export interface KnownPiece {
  readonly offset: number;
  readonly blocks: number;
}

/** How known material may lie on a disk. All hold 20 MiB, or 100 files of 205 KiB. */
export interface LayoutKind {
  readonly name: string;
  /** @param draw uniform fractions in [0, 1). @returns pieces, ascending, without overlap */
  readonly place: (sizeBytes: number, draw: () => number) => KnownPiece[];
}

const MIB = 1024 ** 2;
const FILES = 100;
/** 205 KiB: 51 whole blocks, and a short one that is not looked up but fills a cluster. */
const FILE_BLOCKS = 51;
const FILE_CLUSTERS = 52;
/** Between the files of a folder: other files, up to half a picture long. */
const FOLDER_GAP_CLUSTERS = 25;

export const LAYOUTS: readonly LayoutKind[] = [
  { name: 'one run of 20 MiB', place: (sizeBytes, draw) => strew(1, 5120, 5120, sizeBytes, draw) },
  { name: '4 runs of 5 MiB', place: (sizeBytes, draw) => strew(4, 1280, 1280, sizeBytes, draw) },
  { name: '100 files of 205 KiB in a folder', place: placeFolder },
  {
    name: 'the same spread over 1 GiB',
    place: (sizeBytes, draw) => {
      const start = cellAt(draw(), sizeBytes - 1024 * MIB);
      return strew(FILES, FILE_BLOCKS, FILE_CLUSTERS, 1024 * MIB, draw).map(({ offset, blocks }) => ({ offset: offset + start, blocks }));
    },
  },
  { name: '20 MiB fully scattered', place: (sizeBytes, draw) => strew(5120, 1, 1, sizeBytes, draw) },
];

/** The same files, each anywhere: the layout that the reference's minutes to 99 % are of. */
export const FILES_ANYWHERE: LayoutKind = { name: '100 files of 205 KiB, each anywhere', place: (sizeBytes, draw) => strew(FILES, FILE_BLOCKS, FILE_CLUSTERS, sizeBytes, draw) };

export const FOLDER: LayoutKind = LAYOUTS[2]!;

/** Pieces at uniform places without overlap: sorted places in what is left over when all pieces are taken out. */
function strew(count: number, blocks: number, clusters: number, withinBytes: number, draw: () => number): KnownPiece[] {
  const free = Math.floor(withinBytes / BLOCK_BYTES) - count * clusters;
  const places = Float64Array.from({ length: count }, () => Math.floor(draw() * (free + 1))).toSorted();
  return Array.from(places, (place, i) => ({ offset: (place + i * clusters) * BLOCK_BYTES, blocks }));
}

function placeFolder(sizeBytes: number, draw: () => number): KnownPiece[] {
  const pieces: KnownPiece[] = [];
  let at = cellAt(draw(), sizeBytes - FILES * (FILE_CLUSTERS + FOLDER_GAP_CLUSTERS) * BLOCK_BYTES);
  for (let i = 0; i < FILES; i += 1) {
    pieces.push({ offset: at, blocks: FILE_BLOCKS });
    at += (FILE_CLUSTERS + Math.floor(draw() * (FOLDER_GAP_CLUSTERS + 1))) * BLOCK_BYTES;
  }
  return pieces;
}

function cellAt(fraction: number, withinBytes: number): number {
  return Math.floor((fraction * withinBytes) / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Number of the first whole known block in `piece` that a read from `offset` to `end` holds, or −1. */
export function firstBlockIn(piece: KnownPiece, offset: number, end: number): number {
  const block = Math.max(0, Math.ceil((offset - piece.offset) / BLOCK_BYTES));
  return block < piece.blocks && piece.offset + (block + 1) * BLOCK_BYTES <= end ? block : -1;
}
