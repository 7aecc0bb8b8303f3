/** Where a caller wants traces of its jobs to be sent, by OTLP over HTTP. */
export interface TraceTarget {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the traces are of, such as a build. */
  readonly service: string;
}
