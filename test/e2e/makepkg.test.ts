/** Arch's makepkg, Debian's build of it, distributes by us when its BUILDENV says distcc, alone and under ccache. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Distribution } from '../rig/distribution.ts';
import { needsRoot } from '../rig/peers.ts';

const PKGBUILD = `
pkgname=sources
pkgver=1
pkgrel=1
pkgdesc='Part of a real project'
arch=(any)
license=(custom)
options=(!strip)

build() { make -C project -f $BUILD/Makefile; }
package() {
  mkdir -p "$pkgdir/usr/lib"
  find project/$BUILD -name '*.o' -exec ar rcs "$pkgdir/usr/lib/libsources.a" {} +
}
`;

/** makepkg looks for ccache at Arch's place, and does nothing for root. */
const SCRIPT = `
ln -s . /usr/lib/ccache/bin
chown -R nobody "$WORK"
cd "$WORK"
asked='setpriv --reuid nobody --regid nogroup --clear-groups makepkg --config makepkg.conf --noextract --nodeps'
$asked
bsdtar -tf sources-1-1-any.pkg.tar
if [ -n "$AGAIN" ]; then
  find src -name '*.o' -delete
  $asked --force
fi
echo all done
`;

let distribution: Distribution;
const needs = needsRoot('makepkg', 'fakeroot', 'bsdtar', 'ccache', 'setpriv', 'pivot_root');
if (needs.skip === false) {
  before(async () => (distribution = await Distribution.open()));
  after(() => distribution[Symbol.asyncDispose]());
}

async function makePackage(buildenv: string, again: '' | 'yes'): Promise<void> {
  const name = `arch-${buildenv.replace(' ', '-')}`;
  const directory = distribution.scratch.openDirectory(`shared/${name}`);
  using build = await distribution.layOut(`${name}/src/project`);
  writeFileSync(path.join(directory, 'PKGBUILD'), PKGBUILD);
  const settings = [
    'source /etc/makepkg.conf',
    `BUILDENV=(${buildenv})`,
    `DISTCC_HOSTS="${distribution.hosts}"`,
    'MAKEFLAGS="--silent -j4"',
    'PKGEXT=.pkg.tar',
  ];
  writeFileSync(path.join(directory, 'makepkg.conf'), settings.join('\n'));
  const work = `/tmp/shared/${name}`;
  await distribution.assertCompiled(distribution.corpus.files.length, async () => {
    const said = await distribution.run(SCRIPT, {
      WORK: work,
      HOME: work,
      BUILD: build.name,
      AGAIN: again,
      DISTCC_HOSTS: undefined,
      PACMAN: 'true',
    });
    assert.match(said, /usr\/lib\/libsources\.a\n[^]*^all done$/m);
  });
  distribution.assertLocalObjects(build);
}

test('makepkg with BUILDENV=(distcc)', needs, () => makePackage('distcc', ''));

test('makepkg with BUILDENV=(distcc ccache); what ccache has is not sent again', needs, () =>
  makePackage('distcc ccache', 'yes'),
);
