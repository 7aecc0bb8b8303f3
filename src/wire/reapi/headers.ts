/**
 * Headers of calls that are our own. Calls on one connection may overtake each other, so a client of ours names each call that
 * brings blobs, and those for which an execution has to wait.
 */
export const UPLOAD_HEADER = 'manyhands-upload';
/** Names of uploads, with commas between them. */
export const AFTER_HEADER = 'manyhands-after';
/** The job's name in the client's log, for the worker's. */
export const JOB_HEADER = 'manyhands-job';
