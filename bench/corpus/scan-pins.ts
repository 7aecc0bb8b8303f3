/**
 * The projects whose includes are followed and compared with what the compiler reads, beside those of
 * pins.ts: many conditions, generated and computed names, headers under one name in several places.
 *
 * Their sources are preprocessed only, so whole folders are taken. What needs a header that is not there
 * (OpenSSL, googletest, Windows) is left out by the one who asks the compiler, who also counts it.
 */
import type { Pin, TreePin } from './pins.ts';

type Tree = Omit<TreePin, 'name'>;

const NODEGIT: Tree = {
  package: 'nodegit',
  version: '0.27.0',
  integrity:
    'sha512-E9K4gPjWiA0b3Tx5lfWCzG7Cvodi2idl3V5UD2fZrOrHikIfrN7Fc2kWLtMUqqomyoToYJLeIC8IV7xb1CYRLA==',
  extra: {},
};

const LIBXMLJS: Tree = {
  package: 'libxmljs',
  version: '1.0.11',
  integrity:
    'sha512-ChqXkhZuvhbjariwPakKs/h+dF5Pe7j+QJ/PmTidzx7mDiFa5chhy7806PQiO+VnBJZ5mVLVq4Dk+W7fZP6luw==',
  extra: {},
};

const GRPC: Tree = {
  package: 'grpc',
  version: '1.24.11',
  integrity:
    'sha512-8/AQdFCzCeCDWW3SoaMNp6ccbRvTQEH1O1u1uFtt29eWsg5gSZCJ3m6fbkduEIh3smY7WAPP+LgVJ5n3nZRxcA==',
  extra: {},
};

const ROCKSDB: Tree = {
  package: 'rocksdb',
  version: '5.2.1',
  integrity:
    'sha512-SN9RRLfqDEGfZ6MgfjpQ4DIn3+TdN5ECKYHgeuPKFy6Yw0I9hYyE46giLidngjZU47JXUmWXJDZuU1CyEcf4Fw==',
  extra: {},
};

const NODE_SASS: Tree = {
  package: 'node-sass',
  version: '9.0.0',
  integrity:
    'sha512-yltEuuLrfH6M7Pq2gAj5B6Zm7m+gdZoG66wTqG6mIZV/zijq3M2OO2HswtT6oBspPyFhHDcaxWpsBm0fRNDHPg==',
  extra: {},
};

const BETTER_SQLITE3: Tree = {
  package: 'better-sqlite3',
  version: '12.11.1',
  integrity:
    'sha512-dq9AtApgg5PGFtBzPFSBl3HZQjHok5gaQCM6zh2Yk0aSmDCs1CbnVI8/HgASQkNKsWFpseIO9beg5xxpYhbIfA==',
  extra: {},
};

const isC = (source: string): boolean => source.endsWith('.c');
const isCxx = (source: string): boolean => /\.(?:cc|cpp)$/.test(source);

const LIBGIT2 = 'vendor/libgit2';
const LIBGIT2_FEATURES =
  'GIT_THREADS LIBGIT2_NO_FEATURES_H GIT_SHA1_COLLISIONDETECT GIT_ARCH_64 GIT_REGEX_BUILTIN GIT_USE_FUTIMENS GIT_USE_STAT_MTIM';
const PCRE_FEATURES =
  'HAVE_STDINT_H HAVE_INTTYPES_H HAVE_UNISTD_H HAVE_MEMMOVE SUPPORT_PCRE8 NO_RECURSE NEWLINE=10 LINK_SIZE=2 PARENS_NEST_LIMIT=250 MATCH_LIMIT=10000000 MATCH_LIMIT_RECURSION=10000000 POSIX_MALLOC_THRESHOLD=10 MAX_NAME_SIZE=32 MAX_NAME_COUNT=10000';

const GRPC_INCLUDES = [
  '',
  'include',
  'src/core/ext/upb-generated',
  'third_party/abseil-cpp',
  'third_party/address_sorting/include',
  'third_party/boringssl/include',
  'third_party/cares',
  'third_party/cares/cares',
  'third_party/cares/config_linux',
  'third_party/upb',
  'third_party/upb/generated_for_cmake',
].map((directory) => `-Ideps/grpc/${directory}`);

export const SCAN_PINS: readonly Pin[] = [
  {
    ...NODEGIT,
    name: 'libgit2',
    language: 'c',
    folders: ['src', 'deps', 'tests'].map((folder) => `${LIBGIT2}/${folder}`),
    compiles: (source) => isC(source) && !/win32|winhttp|\/tests\/[d-z]/.test(source),
    count: 305,
    argv: [
      ...define(LIBGIT2_FEATURES),
      ...define(PCRE_FEATURES),
      ...['src', 'include', 'deps/http-parser', 'deps/zlib', 'deps/pcre', 'deps/ntlmclient', 'tests'].map(
        (folder) => `-I${LIBGIT2}/${folder}`,
      ),
    ],
  },
  {
    ...LIBXMLJS,
    name: 'libxml2',
    language: 'c',
    folders: ['vendor/libxml2'],
    compiles: (source) => isC(source) && !/os400|win32|macos|python/.test(source),
    count: 74,
    argv: [
      '-DHAVE_CONFIG_H',
      '-Ivendor/libxml2.config',
      '-Ivendor/libxml2.config/libxml',
      '-Ivendor/libxml2/include',
    ],
  },
  {
    ...GRPC,
    name: 'boringssl (C)',
    language: 'c',
    folders: ['deps/grpc/third_party/boringssl'],
    compiles: isC,
    count: 282,
    argv: [
      '-std=c99',
      '-D_XOPEN_SOURCE=700',
      '-DOPENSSL_NO_ASM',
      '-Ideps/grpc/third_party/boringssl/include',
    ],
  },
  {
    ...GRPC,
    name: 'boringssl (C++)',
    language: 'c++',
    folders: ['deps/grpc/third_party/boringssl'],
    compiles: (source) => isCxx(source) && !/test/.test(source),
    count: 37,
    argv: ['-std=c++14', '-DOPENSSL_NO_ASM', '-Ideps/grpc/third_party/boringssl/include'],
  },
  {
    ...GRPC,
    name: 'grpc (C)',
    language: 'c',
    folders: [
      'src',
      'third_party/cares',
      'third_party/upb',
      'third_party/zlib',
      'third_party/address_sorting',
    ].map((folder) => `deps/grpc/${folder}`),
    compiles: isC,
    count: 167,
    argv: ['-std=gnu99', '-DHAVE_CONFIG_H', ...GRPC_INCLUDES],
  },
  {
    ...GRPC,
    name: 'grpc (C++)',
    language: 'c++',
    folders: ['deps/grpc/src'],
    compiles: (source) =>
      isCxx(source) && !/cronet|libuv|_uv\.cc$|windows|_cfstream|src\/core\/ext\/filters/.test(source),
    count: 275,
    argv: ['-std=c++14', '-DNDEBUG', '-DGRPC_ARES=1', ...GRPC_INCLUDES],
  },
  {
    ...ROCKSDB,
    name: 'rocksdb',
    language: 'c++',
    folders: ['deps/rocksdb/rocksdb'],
    compiles: (source) =>
      isCxx(source) &&
      !/test|bench|port\/win|librados|hdfs|\/(?:tools|utilities|monitoring|util)\//.test(source),
    count: 185,
    argv: [
      '-std=c++11',
      '-DROCKSDB_PLATFORM_POSIX=1',
      '-DOS_LINUX=1',
      '-DROCKSDB_LIB_IO_POSIX=1',
      '-Ideps/rocksdb/rocksdb',
      '-Ideps/rocksdb/rocksdb/include',
    ],
  },
  {
    ...NODE_SASS,
    name: 'libsass',
    language: 'c++',
    folders: ['src/libsass/src'],
    compiles: isCxx,
    count: 45,
    argv: ['-std=c++11', '-Isrc/libsass/include'],
  },
  {
    ...BETTER_SQLITE3,
    name: 'sqlite',
    language: 'c',
    folders: ['deps/sqlite3'],
    compiles: isC,
    count: 1,
    argv: ['-DHAVE_USLEEP=1', '-DSQLITE_THREADSAFE=2', '-DSQLITE_ENABLE_FTS5', '-DSQLITE_ENABLE_RTREE'],
  },
];

function define(names: string): readonly string[] {
  return names.split(' ').map((name) => `-D${name}`);
}
