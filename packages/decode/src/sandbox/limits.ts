/** Named limits of the decode sandbox, with their reasons. */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Real use above which a worker is ended: a 150-megapixel picture needs some 600 MB decoded. */
export const MAX_RESIDENT_BYTES = 1 * GIB;
/** Writable private memory the kernel grants at all: stands between two looks of the memory watch. */
export const MAX_DATA_BYTES = 2 * GIB;
/** Addresses, nearly all of them reserved and never used: each WebAssembly memory reserves 8 to 10 GiB. */
export const MAX_ADDRESS_SPACE_BYTES = 128 * GIB;
/** A worker lives for 500 items; each item has its own limit long before this one. */
export const MAX_LIFETIME_CPU_SECONDS = 3_600;
/** Node holds about 25 of its own. */
export const MAX_OPEN_FILES = 128;
/** Threads of Node and libvips are some 15; a tool and its threads come on top. */
export const MAX_THREADS = 192;
/** A worker and the one or two tools that it runs, with bubblewrap's own two. */
export const MAX_PROCESSES = 12;
/** Nothing can grow in it (file size 0); it is there because programs expect a `/tmp`. */
export const PRIVATE_TMP_BYTES = 16 * MIB;
/** JavaScript's own heap; pixels lie outside it. */
export const MAX_HEAP_MEGABYTES = 384;
/** How often the watch looks at memory, CPU time and processes of a busy worker. */
export const WATCH_INTERVAL_MS = 50;
