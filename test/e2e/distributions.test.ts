/** The recipes of other distributions than Debian make packages out of our npm archive. */
import assert from 'node:assert/strict';
import { chownSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { namesBelow } from '../rig/installed.ts';
import { needsPeer } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';
import { findSharedProgram } from '../rig/shared-checkout.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PACKAGING = path.join(ROOT, 'packaging');
const NOBODY = 65_534;

/** What every package has, each in its own place. */
const NAMES = [
  'usr/bin/distcc',
  'usr/bin/distccd',
  'usr/lib/distcc/bin',
  'usr/lib/manyhands/distccd.cjs',
  'usr/lib/systemd/system/distccd.service',
  'usr/share/zsh/site-functions/_distcc',
];

/** A directory with our archive in it, and an environment whose Node is new enough. */
async function prepare(
  scratch: Scratch,
): Promise<{ directory: string; archive: string; env: NodeJS.ProcessEnv }> {
  const directory = scratch.openDirectory('build');
  const env = {
    ...PLAIN_ENVIRONMENT,
    PATH: `${path.dirname(findSharedProgram().node)}:${PLAIN_ENVIRONMENT['PATH']}`,
    HOME: directory,
  };
  const options = ['--ignore-scripts', '--offline', '--no-update-notifier', '--pack-destination', directory];
  await runWell(['npm', 'pack', ...options], { cwd: ROOT, env: { ...env, PATH: process.env['PATH'] } });
  const [archive = ''] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
  return { directory, archive: path.join(directory, archive), env };
}

test('makepkg makes a package for Arch', needsPeer('makepkg', 'fakeroot', 'bsdtar'), async () => {
  using scratch = new Scratch();
  const { directory, archive, env } = await prepare(scratch);
  for (const name of readdirSync(path.join(PACKAGING, 'arch')))
    copyFileSync(path.join(PACKAGING, 'arch', name), path.join(directory, name));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const file of [directory, archive]) chownSync(file, NOBODY, NOBODY);
  const asUser = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  await runWell([...asUser, 'makepkg', '--nodeps', '--noconfirm'], {
    cwd: directory,
    env: { ...env, PACMAN: 'true', PKGEXT: '.pkg.tar' },
  });
  const [made = ''] = readdirSync(directory).filter((name) => name.endsWith('.pkg.tar'));
  const { stdout } = await runWell(['bsdtar', '-tf', path.join(directory, made)]);
  const names = new Set(stdout.split('\n'));
  for (const name of [...NAMES, 'etc/conf.d/distccd', 'usr/share/man/man1/distcc.1.gz', '.INSTALL'])
    assert.ok(names.has(name), name);
  assert.ok(!names.has('usr/lib/distcc/gcc'), 'whose compilers are linked is seen where it is installed');
});

test('rpmbuild makes a package', needsPeer('rpmbuild', 'rpm'), async () => {
  using scratch = new Scratch();
  const { directory, archive, env } = await prepare(scratch);
  mkdirSync(path.join(directory, 'SOURCES'));
  copyFileSync(archive, path.join(directory, 'SOURCES', path.basename(archive)));
  const defines = [
    `_topdir ${directory}`,
    '_binary_payload w0.ufdio',
    'node /usr/bin/node',
    `_tmppath ${directory}`,
  ];
  const options = defines.flatMap((define) => ['--define', define]);
  const spec = path.join(PACKAGING, 'rpm', 'manyhands.spec');
  await runWell(['rpmbuild', '-bb', '--nodeps', ...options, spec], { env });
  const rpms = path.join(directory, 'RPMS');
  const [made = ''] = namesBelow(rpms).filter((name) => name.endsWith('.rpm'));
  const { stdout } = await runWell(['rpm', '-qlp', path.join(rpms, made)], { env });
  const names = new Set(stdout.split('\n'));
  for (const name of NAMES) assert.ok(names.has(`/${name}`), name);
});

/** What Portage and the eclasses give an ebuild, as far as ours uses it. */
const PORTAGE = `
inherit() { :; }
die() { echo "died: $*" >&2; exit 1; }
tc-getCC() { echo gcc; }
newinitd() { install -D -m 755 "$1" "$ED/etc/init.d/$2"; }
newconfd() { install -D -m 644 "$1" "$ED/etc/conf.d/$2"; }
systemd_install_serviced() { install -D -m 644 "$1" "$ED/etc/systemd/system/$2.service.d/00gentoo.conf"; }
EBUILD=$1 P=manyhands-0.1.0 CFLAGS=-O1 LDFLAGS= EPREFIX=
source "$EBUILD"
cd "$S"
src_install || die
`;

test('the ebuild installs what Gentoo has at its places', async () => {
  using scratch = new Scratch();
  const { directory, archive, env } = await prepare(scratch);
  await runWell(['tar', '-xzf', archive], { cwd: directory });
  mkdirSync(path.join(directory, 'temp'));
  const image = path.join(directory, 'image');
  const [ebuild = ''] = readdirSync(path.join(PACKAGING, 'gentoo')).filter((name) =>
    name.endsWith('.ebuild'),
  );
  await runWell(['bash', '-euc', PORTAGE, 'bash', path.join(PACKAGING, 'gentoo', ebuild)], {
    env: { ...env, WORKDIR: directory, T: path.join(directory, 'temp'), D: image, ED: image },
  });
  const names = new Set(namesBelow(image));
  const gentoo = [
    'etc/init.d/distccd',
    'etc/conf.d/distccd',
    'etc/systemd/system/distccd.service.d/00gentoo.conf',
    'usr/share/man/man1/distcc.1',
  ];
  for (const name of [...NAMES, ...gentoo]) assert.ok(names.has(name), name);
});

test('the recipes are of the version that package.json has', async () => {
  const { stdout } = await runWell(['node', '-p', 'require("./package.json").version'], {
    cwd: ROOT,
    env: process.env,
  });
  const version = stdout.trim();
  const { stdout: found } = await runWell([
    'grep',
    '-rhoE',
    '^(pkgver=|Version: +)[0-9.]+',
    path.join(PACKAGING, 'arch'),
    path.join(PACKAGING, 'rpm'),
  ]);
  for (const line of found.trim().split('\n')) assert.ok(line.endsWith(version), line);
  assert.deepEqual(
    readdirSync(path.join(PACKAGING, 'gentoo')).filter((name) => name.endsWith('.ebuild')),
    [`manyhands-${version}.ebuild`],
  );
});
