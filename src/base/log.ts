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

export const LOG_FORMATS = ['lines', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What programs want to know of a line without taking it apart. */
export type LogFields = Readonly<Record<string, string | number>>;

export interface Log {
  (level: LogLevel, text: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly program: string;
  readonly pid: number;
  readonly level: LogLevel;
  /** Lines, if it is not said. */
  readonly format?: LogFormat;
  /** Of each line of JSON. */
  readonly fields?: LogFields;
  readonly write: (line: string) => void;
}

export function createLog({ program, pid, level, format, fields, write }: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  return (lineLevel, text, more) => {
    if (LOG_LEVELS.indexOf(lineLevel) > threshold) return;
    if (format === 'json') {
      const time = new Date().toISOString();
      write(`${JSON.stringify({ time, level: lineLevel, program, pid, text, ...fields, ...more })}\n`);
      return;
    }
    // A line is a line: what a peer sent cannot start another one.
    write(`${program}[${pid}] ${PREFIX[lineLevel]}${text.replaceAll(/[\r\n]+/g, ' ')}\n`);
  };
}
