/** Who may connect: pure decisions on addresses. */
import { networkMatcher } from '../net/network.ts';
import type { Network } from '../net/network.ts';

export type Admission = 'welcome' | 'denied';

/** @returns the decision for a peer, by its address as the socket shows it. Without an address: denied. */
export function admission(networks: readonly Network[]): (address: string | undefined) => Admission {
  const matches = networkMatcher(networks);
  return (address) => (address !== undefined && matches(address) ? 'welcome' : 'denied');
}
