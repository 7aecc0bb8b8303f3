/**
 * Every environment variable that distccd reads, one row each: they are read by these rows, and what
 * documents them is derived from them. DISTCCD_… are ours, but for DISTCCD_PATH.
 *
 * Source: distcc 3.4, man distccd(1), "ENVIRONMENT VARIABLES".
 */

export interface VariableRow {
  /** What counts where it is not set, as one would write it; without, there is nothing. */
  readonly default?: string;
  readonly help: string;
}

export const DISTCCD_VARIABLES = {
  DISTCCD_PATH: { help: 'where compilers are looked for, instead of PATH' },
  DISTCC_CMDLIST: { help: 'a file with the full path of each compiler that clients may run' },
  DISTCC_CMDLIST_NUMWORDS: {
    default: '1',
    help: 'how many last parts of a path must agree with DISTCC_CMDLIST',
  },
  TMPDIR: { default: '/tmp', help: 'where the files of jobs are' },
  DISTCC_SAVE_TEMPS: { default: '0', help: '1 leaves them there' },
  DISTCC_IO_TIMEOUT: { default: '300', help: 'seconds that a client may stall' },
  // A stock distccd has 1, because a silent client takes a whole process there. Here it takes nothing, and
  // one that the kernel holds back is not told when the daemon stops.
  DISTCC_TCP_DEFER_ACCEPT: {
    default: '0',
    help: '1 leaves connections to the kernel until something has come on them',
  },
  DISTCCD_DRAIN_SECONDS: { default: '20', help: 'how long running jobs have after TERM' },
  DISTCCD_KEEP_SECONDS: {
    default: '300',
    help: 'how long the worker of --inetd waits for another client; 0: one for each',
  },
} as const satisfies Readonly<Record<string, VariableRow>>;

export type DistccdVariable = keyof typeof DISTCCD_VARIABLES;

/** One line per variable, for `--help`. */
export function formatDistccdVariables(): string {
  const rows: [string, VariableRow][] = Object.entries(DISTCCD_VARIABLES);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows
    .map(([name, row]) => {
      const otherwise = row.default === undefined ? '' : ` (${row.default})`;
      return `  ${name.padEnd(width)}${row.help}${otherwise}\n`;
    })
    .join('');
}
