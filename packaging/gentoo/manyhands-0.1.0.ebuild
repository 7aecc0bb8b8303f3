# For a repository of one's own, as sys-devel/manyhands/manyhands-0.1.0.ebuild. The archive is the one that
# `npm pack` makes; put it into DISTDIR.
EAPI=8

inherit systemd toolchain-funcs

DESCRIPTION="Distributed C and C++ compiler, drop-in for distcc"
HOMEPAGE="https://www.npmjs.com/package/manyhands"
SRC_URI="${P}.tgz"
S="${WORKDIR}/package"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"
RESTRICT="fetch"

RDEPEND="
	>=net-libs/nodejs-24.12
	acct-user/distcc
	!sys-devel/distcc
"
BDEPEND=">=net-libs/nodejs-24.12"

src_install() {
	# It compiles with `cc`: that has to be the compiler of this build.
	mkdir "${T}/bin" || die
	printf '#!/bin/sh\nexec %s "$@"\n' "$(tc-getCC) ${CFLAGS} ${LDFLAGS}" >"${T}/bin/cc" || die
	chmod 755 "${T}/bin/cc" || die
	PATH="${T}/bin:${PATH}" node dist/manyhands.cjs setup --prefix "${EPREFIX}/usr" --destdir "${D}" \
		--node "${EPREFIX}/usr/bin/node" || die
	# Portage keeps the record, and links the compilers of the machine that it installs on.
	rm "${ED}/usr/lib/manyhands/installed" || die
	find "${ED}/usr/lib/distcc" -type l ! -name bin -delete || die

	newinitd "${ED}/usr/share/manyhands/openrc/distccd" distccd
	newconfd "${ED}/usr/share/manyhands/openrc/distccd.confd" distccd
	systemd_install_serviced "${S}/packaging/gentoo/00gentoo.conf" distccd
	rm "${ED}/usr/share/doc/manyhands/LICENSE" || die
}

pkg_postinst() {
	"${EROOT}/usr/bin/update-distcc-symlinks" || ewarn "Run update-distcc-symlinks"
}
