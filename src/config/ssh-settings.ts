/**
 * What of a caller's environment counts for ssh: DISTCC_SSH, and the variables that decide who logs in
 * where, and how. Callers that agree on all of them share their connections.
 *
 * Not the whole environment, which changes from one step of a build to the next, and may hold what must not
 * get into a process that outlives the job, such as the library of a build's sandbox (LD_PRELOAD).
 *
 * Sources: ssh(1), "ENVIRONMENT"; sudo and cloud tools that people name as ProxyCommand.
 */
import type { SshSettings } from '../command/client-settings.ts';

const PASSED = new Set([
  'HOME',
  'PATH',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'GNUPGHOME',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'SSH_PKCS11_HELPER',
  'SSH_SK_HELPER',
  'SSH_SK_PROVIDER',
  'ALL_PROXY',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
]);

/** Of Kerberos, and of the clouds whose tools are a ProxyCommand. */
const PASSED_PREFIX = /^(?:KRB5|GSS_|AWS_|AZURE_|CLOUDSDK_|TELEPORT_)/;

/** Whoever would be asked is not there; and we have to understand what ssh says. */
const ALWAYS = { SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C.UTF-8' };

export function readSshSettings(environment: ReadonlyMap<string, string>): SshSettings {
  const words = (environment.get('DISTCC_SSH') ?? '').split(/[ \t]+/).filter((word) => word !== '');
  const passed = [...environment].filter(
    ([name]) => PASSED.has(name.toUpperCase()) || PASSED_PREFIX.test(name),
  );
  passed.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    words: words.length === 0 ? ['ssh'] : words,
    environment: { ...Object.fromEntries(passed), ...ALWAYS },
  };
}
