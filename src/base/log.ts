/**
 * Lines for people, in distcc's format: `distccd[123] (compile) Warning: text`. Where a line goes is
 * the owner's choice; the level is decided here.
 *
 * Source: distcc src/trace.c, rs_log_to_file and rs_severities. No time stamps, as there.
 */
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The levels by all the names that distcc's users know. */
export const LEVELS_BY_NAME: Readonly<Record<string, LogLevel>> = {
  emerg: 'emerg',
  alert: 'alert',
  crit: 'crit',
  critical: 'crit',
  err: 'error',
  error: 'error',
  warn: 'warning',
  warning: 'warning',
  note: 'notice',
  notice: 'notice',
  info: 'info',
  debug: 'debug',
};

const PREFIX: Readonly<Record<LogLevel, string>> = {
  emerg: 'EMERGENCY! ',
  alert: 'ALERT! ',
  crit: 'CRITICAL! ',
  error: 'ERROR: ',
  warning: 'Warning: ',
  notice: '',
  info: '',
  debug: '',
};

export interface Log {
  (level: LogLevel, text: string): void;
}

export interface LogOptions {
  readonly program: string;
  readonly pid: number;
  readonly level: LogLevel;
  readonly write: (line: string) => void;
}

export function createLog({ program, pid, level, write }: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  return (lineLevel, text) => {
    if (LOG_LEVELS.indexOf(lineLevel) > threshold) return;
    // A line is a line: what a peer sent cannot start another one.
    write(`${program}[${pid}] ${PREFIX[lineLevel]}${text.replaceAll(/[\r\n]+/g, ' ')}\n`);
  };
}
