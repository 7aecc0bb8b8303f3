import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { TestDoor } from '../../../test/rig/reapi-door.ts';

test('a client far away may have more under way than the 64 KB that HTTP/2 begins with', async () => {
  await using door = await TestDoor.open();
  const session = connect(`http://127.0.0.1:${door.port}`);
  await once(session, 'remoteSettings');
  await new Promise((resolve) => session.ping(resolve));
  const windows = [session.remoteSettings.initialWindowSize ?? 0, session.state.remoteWindowSize ?? 0];
  session.destroy();
  assert.ok(Math.min(...windows) >= 4 << 20, `of one call, of all: ${windows.join(', ')}`);
});
