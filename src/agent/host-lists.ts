import type { Result } from '../base/result.ts';
import type { HostList } from '../hosts/host.ts';
import { parseHosts, type HostListError } from '../hosts/parse.ts';

let text: string | undefined;
let parsed: Result<HostList, HostListError> | undefined;

/** As parseHosts(); most jobs have the list that the job before had. */
export function readHosts(wanted: string): Result<HostList, HostListError> {
  if (parsed === undefined || text !== wanted) parsed = parseHosts(wanted);
  text = wanted;
  return parsed;
}
