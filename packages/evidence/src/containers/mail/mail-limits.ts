/** Multiparts and messages inside each other in one message; real mail has fewer than 10, forwarded forwards included. */
export const MAX_MAIL_DEPTH = 32;

/** Parts of one message. A message with more is a trap: they would each be a member. */
export const MAX_PARTS_PER_MESSAGE = 10_000;

/** Bytes of the header of a message or part that are looked at; mail servers refuse more than 64 KiB or so. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** Bytes at the start of a line that are looked at for a boundary: RFC 2046 allows 70 and the dashes. */
export const LINE_HEAD_BYTES = 1024;

/** Parameters of one header field; real ones have fewer than 10, a long name in RFC 2231 pieces some more. */
export const MAX_PARAMETERS = 200;

/** Bytes of a file name in mail; longer ones are cut, as every mail program cuts them. */
export const MAX_MAIL_NAME_BYTES = 1024;
