/** Agents as the kernel sees them: which there are, and what they hold on to. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface HeldFile {
  readonly fd: number;
  /** As /proc says it: a path, `socket:[1234]`, `anon_inode:[eventpoll]`. */
  readonly name: string;
}

export interface AgentProcess {
  readonly files: readonly HeldFile[];
  readonly directory: string;
  /** Names only. */
  readonly environment: readonly string[];
  readonly session: number;
  readonly group: number;
  /** 0: none. */
  readonly terminal: number;
}

/** The agents whose socket or DISTCC_DIR is somewhere under this directory. */
export function agentsOf(directory: string): number[] {
  return pids().filter((pid) => {
    const argv = read(pid, 'cmdline').split('\0');
    const isOurs = argv.some((word) => word.startsWith(`${directory}/`));
    return isAgent(argv) && isOurs && isAlive(pid);
  });
}

/** Node, its options, and the agent with its own. */
export function isAgent(argv: readonly string[]): boolean {
  return argv.some((word) => word.endsWith('/distcc-agent.cjs'));
}

/** The socket that it was started for. */
export function socketOf(agent: number): string | undefined {
  const argv = read(agent, 'cmdline').split('\0');
  return argv[argv.indexOf('--socket') + 1];
}

export function inspectAgent(pid: number): AgentProcess {
  const stat = read(pid, 'stat');
  const [, , group, session, terminal] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    files: filesOf(pid),
    directory: readlinkSync(`/proc/${pid}/cwd`),
    environment: read(pid, 'environ')
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => entry.slice(0, entry.indexOf('='))),
    session: Number(session),
    group: Number(group),
    terminal: Number(terminal),
  };
}

/** Processes that hold the same pipe or socket as one of `files`. */
export function holdersOf(files: readonly HeldFile[], except: number): number[] {
  const names = new Set(files.map(({ name }) => name).filter((name) => /^(?:pipe|socket):/.test(name)));
  return pids().filter((pid) => pid !== except && filesOf(pid).some(({ name }) => names.has(name)));
}

export function isAlive(pid: number): boolean {
  return read(pid, 'stat') !== '' && !/\) Z /.test(read(pid, 'stat'));
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Empty for a process that has gone, or is somebody else's. */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function filesOf(pid: number): HeldFile[] {
  try {
    const fds = readdirSync(`/proc/${pid}/fd`).map(Number);
    return fds.flatMap((fd) => {
      const name = linkOf(pid, fd);
      return name === undefined ? [] : [{ fd, name }];
    });
  } catch {
    return [];
  }
}

function linkOf(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}
