/** `manyhands cache`: what the user's own cache holds, and tidying it up. */
import type { CachePlace } from '../command/client-settings.ts';
import { DiskDirectory } from '../store/disk-directory.ts';
import type { Progress } from './progress.ts';
import { clearStore, reportStore, verifyStore } from '../store/store-report.ts';

/** Files. */
const SHOWN_EVERY = 100;

export type CacheAction = 'stats' | 'clear' | 'verify';

export interface CacheAnswer {
  readonly isWell: boolean;
  readonly text: string;
}

export async function runCacheCommand(
  action: CacheAction,
  { directory, maxBytes }: CachePlace,
  { asJson, progress }: { readonly asJson: boolean; readonly progress: Progress },
): Promise<CacheAnswer> {
  const opened = DiskDirectory.open(directory);
  if (!opened.ok) return { isWell: false, text: opened.error };
  switch (action) {
    case 'stats': {
      const report = await reportStore(opened.value);
      const all = { directory, maxBytes, ...report };
      return { isWell: true, text: asJson ? JSON.stringify(all) : formatReport(all) };
    }
    case 'clear': {
      const removed = await clearStore(opened.value);
      return { isWell: true, text: asJson ? JSON.stringify({ removed }) : `${removed} files removed` };
    }
    case 'verify': {
      const { whole, damaged } = await verifyStore(opened.value, (done, all) => {
        if (done % SHOWN_EVERY === 0) progress.show(done, all);
      });
      progress.end();
      const text = [`${whole} files are whole`, ...damaged.map((file) => `damaged and removed: ${file}`)];
      return {
        isWell: damaged.length === 0,
        text: asJson ? JSON.stringify({ whole, damaged }) : text.join('\n'),
      };
    }
  }
}

type Report = Awaited<ReturnType<typeof reportStore>> & CachePlace;

function formatReport({ directory, maxBytes, blobs, results, bytes, oldestUseMs }: Report): string {
  const oldest =
    oldestUseMs === undefined ? '' : `\nnot used for longest since ${new Date(oldestUseMs).toLocaleString()}`;
  return `${directory}\n${inUnits(bytes)} of ${inUnits(maxBytes)}: ${results} results, ${blobs} blobs${oldest}`;
}

function inUnits(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
