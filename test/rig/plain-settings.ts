/** The settings of a caller who has set nothing, for tests that change one or the other. */
import type { ClientSettings } from '../../src/command/client-settings.ts';

export const PLAIN_SETTINGS: ClientSettings = {
  hosts: undefined,
  fallback: true,
  skipLocalRetry: false,
  namesCompilerInFull: true,
  backoffMs: 60_000,
  ioTimeoutMs: 10_000,
  logFile: '',
  verbose: false,
  logFormat: 'lines',
  ssh: { words: ['ssh'], environment: {} },
  socksProxy: undefined,
  cache: undefined,
  mayBeNative: false,
  saveTempsIn: undefined,
  traces: undefined,
  mistake: undefined,
};
