/** What a client may ask for at once. */

/** Of the blobs in one message; gRPC's own bound is 4 MiB a message. */
export const MOST_BATCH_BYTES = 4_000_000;
/** Of what an Update names as there already. */
export const MOST_DICTIONARY_BYTES = 1 << 20;
export const MOST_DICTIONARY_BLOBS = 64;
export const MOST_MESSAGE_BYTES = 4 << 20;
/** Of one call of ByteStream's Read. */
export const READ_PIECE_BYTES = 256 << 10;
export const MOST_BLOB_BYTES = 2 ** 31;
/** That were begun and not ended, of all clients. */
export const MOST_UPLOADS = 1000;
export const UPLOAD_KEPT_MS = 60_000;
/** Of one client at the same time; HTTP/2 makes the others wait. */
export const MOST_STREAMS = 1000;
