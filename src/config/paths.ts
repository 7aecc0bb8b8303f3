/** Where things are that no option moves. */

/** The site's host list, used when a user has none. */
export const SITE_HOSTS_FILE = '/etc/distcc/hosts';
