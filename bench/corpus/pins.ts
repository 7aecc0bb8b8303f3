/**
 * The projects that tests, demo and bench compile: by name, version and digest, so that two runs a year
 * apart mean the same files.
 *
 * They come out of npm packages, because npm is what a fresh machine has. No install script of theirs is
 * run and no part of their JavaScript: we want the C and C++ that they carry. `compiles` says which files
 * build with nothing but libc and libstdc++ installed; what is left out needs googletest, Windows, Python,
 * OpenSSL, curl, zlib or zstd, or is a program of its own.
 */
export interface Pin extends TreePin {
  readonly language: Language;
  /** Folders that are searched for sources, relative to the package. */
  readonly folders: readonly string[];
  readonly compiles: (source: string) => boolean;
  /** How many sources that makes. Another number means that the rules no longer say what they said. */
  readonly count: number;
  /** What goes before the flags of the one who builds. */
  readonly argv: readonly string[];
}

/** A project's sources as they came, for builds that bring their own rules. */
export interface TreePin {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** The tarball's SHA-512, written as npm writes it. */
  readonly integrity: string;
  /** The archive in the package that is wanted, where it is not the package itself. */
  readonly archive?: string;
  /** Files of ours, laid into the tree: the headers that its configure script would write. */
  readonly extra: Readonly<Record<string, string>>;
}

export type CorpusName = 're2' | 'rdkafka';
export type Language = 'c' | 'c++';

const ATOMIC = '__atomic_##OP1##_##OP2(PTR, VAL, __ATOMIC_SEQ_CST)';

/** librdkafka without anything optional that needs a library beside libc. */
const RDKAFKA_CONFIG = `#define SOLIB_EXT ".so"
#define BUILT_WITH ""
#define ENABLE_DEVEL 0
#define HAVE_ATOMICS_32 1
#define HAVE_ATOMICS_64 1
#define ATOMIC_OP(OP1, OP2, PTR, VAL) ${ATOMIC}
#define ATOMIC_OP32(OP1, OP2, PTR, VAL) ${ATOMIC}
#define ATOMIC_OP64(OP1, OP2, PTR, VAL) ${ATOMIC}
#define HAVE_REGEX 1
#define HAVE_STRNDUP 1
#define HAVE_STRERROR_R 1
#define HAVE_STRCASESTR 1
#define HAVE_PTHREAD_SETNAME_GNU 1
#define HAVE_RAND_R 1
#define HAVE_GETRUSAGE 1
#define WITH_LIBDL 1
#define WITH_PLUGINS 1
#define WITH_SNAPPY 1
#define WITH_HDRHISTOGRAM 1
`;

const RE2_LEFT_OUT =
  /_test\.cc$|_benchmark|testing|test_|benchmark|fuzz|scoped_mock_log|status_matchers|time_zone_name_win|win32_waiter|\/_re2\.cc$|gentables|testinstall/;

const RDKAFKA_LEFT_OUT =
  /\/(?:rdhttp|rdgz|rdkafka_sasl_(?:cyrus|oauthbearer|oauthbearer_oidc|scram|win32)|rdkafka_ssl|rdkafka_zstd)\.c$/;

export const PINS: readonly (Pin & { readonly name: CorpusName })[] = [
  {
    name: 're2',
    package: 're2',
    version: '1.24.0',
    integrity:
      'sha512-pBm6cMaOb0Yb0kg0Sfw/k4LwDMkPScb/NVd7GrEllDwfsPZstsZIo93A6Nn0wZuWJw3h57GdzkrOk81EofKY/g==',
    language: 'c++',
    folders: ['vendor/re2', 'vendor/abseil-cpp'],
    compiles: (source) => source.endsWith('.cc') && !RE2_LEFT_OUT.test(source),
    count: 180,
    argv: ['-std=c++17', '-DNDEBUG', '-Ivendor/re2', '-Ivendor/abseil-cpp'],
    extra: {},
  },
  {
    name: 'rdkafka',
    package: 'node-rdkafka',
    version: '3.6.1',
    integrity:
      'sha512-sfpTbrT35429cs0RE8Yb9avGX9BiRRvpV7aweQsghKTjtrVZP3jBrKOPItWXAqHb8doyh3SkuGuUVBLgig1SRg==',
    language: 'c',
    folders: ['deps/librdkafka/src', 'deps/librdkafka/examples'],
    compiles: (source) => source.endsWith('.c') && !RDKAFKA_LEFT_OUT.test(source),
    count: 102,
    argv: ['-Ideps/librdkafka/src'],
    extra: { 'deps/librdkafka/config.h': RDKAFKA_CONFIG },
  },
];

/** @throws {Error} where no corpus is called so. */
export function pinNamed(name: string): (typeof PINS)[number] {
  const pin = PINS.find((other) => other.name === name);
  if (pin === undefined) throw new Error(`There is no corpus ${name}`);
  return pin;
}

/** XZ Utils, the release archive with autoconf's `configure`, automake's rules and libtool. */
export const XZ: TreePin = {
  name: 'xz',
  package: 'lzma-native',
  version: '8.0.6',
  integrity:
    'sha512-09xfg67mkL2Lz20PrrDeNYZxzeW7ADtpYFbwSQh9U8+76RIzx5QsJBMy8qikv3hbUPfpy6hqwxt6FcGK81g9AA==',
  archive: 'deps/xz-5.2.3.tar.bz2',
  extra: {},
};
