// How much of a message is taken, and of each part of it. What is longer is refused as a whole, so that no work and no
// memory grows with what a stranger sends.

/** Longest message in a datagram, octets. */
export const DATAGRAM_LIMIT = 8_192;
/** Longest message on a TCP or TLS connection, octets. */
export const STREAM_LIMIT = 65_536;
/** Most header lines of a message; a folded one counts once. */
export const HEADER_LIMIT = 128;
/** Longest header value, and longest start line, characters. */
export const LINE_LIMIT = 4_096;
/** Longest URI, characters. */
export const URI_LIMIT = 1_024;
/** Most parameters of one URI or header element. */
export const PARAM_LIMIT = 32;
/** Most elements of a list such as Via or Contact, over all its lines. */
export const ELEMENT_LIMIT = 64;
