/** Processes as /proc shows them: whose they are by what stands in their environment, and who began them. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
}

/** The living with `mark` somewhere in their environment. */
export function processesMarked(mark: string): Seen[] {
  return pids().flatMap((pid) => {
    if (!read(pid, 'environ').includes(mark)) return [];
    const seen = look(pid);
    return seen === undefined ? [] : [seen];
  });
}

/** Of `all`, those that descend from `ancestor`, itself not counted. */
export function descendantsOf(ancestor: number, all: readonly Seen[]): Seen[] {
  const children = all.filter(({ parent }) => parent === ancestor);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}

/** Which of them has the end of a TCP connection that is on this port. */
export function ownerOf(port: number, candidates: readonly number[]): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} .*$`, 'm').exec(read('net', 'tcp'))?.[0];
  const inode = line?.trim().split(/\s+/)[9];
  return candidates.find((pid) => linksOf(pid).includes(`socket:[${inode}]`));
}

/** False when it had gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function look(pid: number): Seen | undefined {
  const stat = read(pid, 'stat');
  const [state = 'Z', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), argv: read(pid, 'cmdline').split('\0').slice(0, -1) };
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function read(pid: number | 'net', name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
