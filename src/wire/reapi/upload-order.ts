/**
 * The order of uploads and executions on one connection: calls may overtake each other, so a client of ours names each call that
 * brings blobs, and those for which an execution has to wait. Both are headers.
 */
export const UPLOAD_HEADER = 'manyhands-upload';
/** Names of uploads, with commas between them. */
export const AFTER_HEADER = 'manyhands-after';
