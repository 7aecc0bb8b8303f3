/** Where things are that no option moves. */
import path from 'node:path';

/** The site's host list, used when a user has none. */
export const SITE_HOSTS_FILE = '/etc/distcc/hosts';

/**
 * Where programs that npm brought are built: of root for everybody, of others in their own home.
 * packaging/npm/start says the same.
 */
export function ownPlaceOf(environment: ReadonlyMap<string, string>, uid: number): string | undefined {
  const data = environment.get('XDG_DATA_HOME');
  if (data !== undefined && path.isAbsolute(data)) return path.join(data, 'manyhands');
  if (uid === 0) return '/var/lib/manyhands';
  const home = environment.get('HOME');
  return home === undefined || home === '' ? undefined : path.join(home, '.local', 'share', 'manyhands');
}
