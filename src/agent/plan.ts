/** What is to become of an Invocation, as far as it can be told before anything is started. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { analyze } from '../command/analyze.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { familyOf } from '../command/compiler-name.ts';
import { choosesTarget } from '../command/rewrite.ts';
import { speakToTerminal } from '../command/terminal-words.ts';
import type { StayReason } from '../command/stay-reason.ts';
import type { ClientSettings, SettingMistake } from '../command/client-settings.ts';
import { isDistccdHost, type HostList } from '../hosts/host.ts';
import { readHosts } from './host-lists.ts';
import type { InvocationFrame } from '../wire/launcher/launcher-message.ts';
import { fullCompilerName } from './compiler-identity.ts';
import type { HomeReason } from './home-reason.ts';
import { findStranger } from './same-files.ts';

export type Plan =
  /** It is the caller's own business: no compile, or one that cannot leave. */
  | { readonly kind: 'stays'; readonly reason: StayReason | HomeReason; readonly detail: string }
  /** It would go, if there were anywhere to go to. */
  | { readonly kind: 'cannot-distribute'; readonly reason: HomeReason; readonly detail: string }
  | { readonly kind: 'mistaken'; readonly mistake: SettingMistake }
  | {
      readonly kind: 'goes';
      readonly command: CompileCommand;
      /** What remote hosts call the compiler. */
      readonly compilerName: string;
      /** Whether they are to be told the target, because the compiler would choose it. */
      readonly tellsTarget: boolean;
      readonly hosts: HostList;
    };

const RESPONSE_FILE_MAX_BYTES = 1 << 20;

export function plan(invocation: InvocationFrame, settings: ClientSettings): Plan {
  if (!invocation.isText) return { kind: 'stays', reason: 'not-text', detail: '' };
  const stranger = findStranger(invocation);
  if (stranger !== undefined) return { kind: 'stays', reason: 'other-files', detail: stranger };

  const { argv, compiler, environment } = invocation;
  const typed = argv[0] ?? '';
  const fullName = fullCompilerName({ typed, compiler, searchPath: environment.get('PATH') ?? '' });
  const command = analyze(argv, {
    environment,
    family: familyOf(fullName),
    readText: (name) => readText(path.resolve(invocation.directory, name)),
  });
  if (command.kind === 'stays-local')
    return { kind: 'stays', reason: command.reason, detail: command.detail };

  // A pipe can be read only once, and standard input only by the caller.
  const source = path.resolve(invocation.directory, command.source);
  if (
    statSync(source, { throwIfNoEntry: false })?.isFile() !== true ||
    /^\/(?:dev|proc)\//.test(command.source)
  ) {
    return { kind: 'stays', reason: 'standard-input', detail: command.source };
  }

  if (settings.mistake !== undefined) return { kind: 'mistaken', mistake: settings.mistake };
  if (settings.hosts === undefined) return { kind: 'cannot-distribute', reason: 'no-host-list', detail: '' };
  const hosts = readHosts(settings.hosts.text);
  if (!hosts.ok) {
    return {
      kind: 'cannot-distribute',
      reason: 'bad-host-list',
      detail: `${settings.hosts.from}: ${hosts.error.message}`,
    };
  }
  return {
    kind: 'goes',
    command: invocation.stderrIsTerminal ? speakToTerminal(command, invocation, environment) : command,
    compilerName: settings.namesCompilerInFull ? fullName : typed,
    tellsTarget: settings.namesCompilerInFull && choosesTarget(command, fullName),
    hosts: settings.mayBeNative ? hosts.value : withoutNative(hosts.value),
  };
}

/** The same hosts, all of them with `,nonative`. */
function withoutNative(list: HostList): HostList {
  const hosts = list.hosts.map((host) => (isDistccdHost(host) ? { ...host, mayBeNative: false } : host));
  return { ...list, hosts };
}

export function readText(file: string): string | undefined {
  try {
    // To read a fifo would be to wait.
    const stats = statSync(file);
    return stats.isFile() && stats.size <= RESPONSE_FILE_MAX_BYTES ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
