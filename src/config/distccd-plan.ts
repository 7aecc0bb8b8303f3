/**
 * What the parent (native/distccd.c) has to know of the options, in the form that it reads: fields
 * `name=value`, each ended by a NUL. docs/protocol/runner.md has the list.
 */
import path from 'node:path';

import { LOG_LEVELS } from '../base/log.ts';
import type { DistccdOptions } from './distccd-options.ts';
import type { WorkerSettings } from './distccd-settings.ts';

export interface Plan {
  readonly options: DistccdOptions;
  /** Numeric; empty: all. */
  readonly addresses: readonly string[];
  readonly drainSeconds: number;
  /** Let the kernel keep connections to itself until something has come on them. */
  readonly defersAccept: boolean;
  readonly settings: WorkerSettings;
}

export function formatPlan({ options, addresses, drainSeconds, defersAccept, settings }: Plan): string {
  const fields: [string, string | number][] = [
    ['detach', options.detach ? 1 : 0],
    ['inetd', settings.carried === undefined ? 0 : 1],
    ['keep', (settings.carried?.keepSeconds ?? 0) > 0 ? 1 : 0],
    ...addresses.map((address): [string, string] => ['host', address]),
    ['port', options.port],
    ...(options.hasStats ? [['stats-port', options.statsPort] satisfies [string, number]] : []),
    ['user', options.user],
    ['log', settings.logTarget],
    ['log-json', options.logFormat === 'json' ? 1 : 0],
    ['level', LOG_LEVELS.indexOf(options.logLevel)],
    ['lifetime', options.lifetimeSeconds],
    ['drain', drainSeconds],
    ['defer-accept', defersAccept ? 1 : 0],
    ['settings', JSON.stringify(settings)],
  ];
  if (options.oomScoreAdjustment !== undefined) fields.push(['oom-score-adj', options.oomScoreAdjustment]);
  if (options.pidFile !== undefined && settings.carried === undefined)
    fields.push(['pid-file', path.resolve(options.pidFile)]);
  return fields.map(([name, value]) => `${name}=${value}\0`).join('');
}
