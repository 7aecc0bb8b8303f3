/** Which build this is: put in by the build script, absent when sources run unbuilt. */
interface Build {
  /** Digest of all that went in; launcher and agent of different builds do not talk. */
  readonly build: string;
  readonly version: string;
}

export const BUILD: Build = (globalThis as { MANYHANDS?: Build }).MANYHANDS ?? {
  build: 'unbuilt',
  version: '0.0.0',
};
