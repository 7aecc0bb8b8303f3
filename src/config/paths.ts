/** Where things are that no option moves. */
import { statSync } from 'node:fs';
import path from 'node:path';

/** The site's host list, used when a user has none. */
export const SITE_HOSTS_FILE = '/etc/distcc/hosts';

/**
 * Where programs that npm brought are built: of root for everybody, of others in their own home.
 * Root's XDG_DATA_HOME counts where it is root's own, and not that of whoever called sudo.
 * packaging/npm/start says the same.
 */
export function ownPlaceOf(environment: ReadonlyMap<string, string>, uid: number): string | undefined {
  const data = environment.get('XDG_DATA_HOME');
  const isTrusted = uid !== 0 || (data !== undefined && statSync(data, { throwIfNoEntry: false })?.uid === 0);
  if (data !== undefined && path.isAbsolute(data) && isTrusted) return path.join(data, 'manyhands');
  if (uid === 0) return '/var/lib/manyhands';
  const home = environment.get('HOME');
  return home === undefined || home === '' ? undefined : path.join(home, '.local', 'share', 'manyhands');
}
