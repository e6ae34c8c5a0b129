/** Named limits of what passes between the parent and a decode worker. Both sides use them; only the parent relies on them. */

const MIB = 1024 * 1024;

/** A request says what to do in a few fields; set names and content never travel in it. */
export const MAX_REQUEST_JSON_BYTES = 64 * 1024;
/** Content sent whole. Larger content is read by ranges: a worker may hold 1 GiB in all, decoded pixels included. */
export const MAX_WHOLE_CONTENT_BYTES = 256 * MIB;
/** One range of content; a worker that wants more asks again. */
export const MAX_RANGE_BYTES = 8 * MIB;
/** One piece of a long answer (members of an archive, frames of a video). */
export const MAX_PIECE_BYTES = 4 * MIB;
/** Facts and hashes of one item; a listing of members goes in pieces. */
export const MAX_REPLY_JSON_BYTES = 1 * MIB;
/** Small pictures for review and raw pixels of stills. */
export const MAX_REPLY_BYTES = 16 * MIB;
/** Levels of objects and lists in a reply: real ones have three or four. */
export const MAX_JSON_DEPTH = 16;
/** A failure is one sentence. */
export const MAX_FAILURE_JSON_BYTES = 4 * 1024;
export const MAX_FAILURE_MESSAGE_CHARACTERS = 500;
