/** The frame that our programs share: an exit code out of a function, and last words when it throws. */
import { EXIT } from '../base/exit-code.ts';

/** Runs a program to its end. What it throws is our fault and says so. */
export function run(program: string, main: (args: readonly string[]) => Promise<number> | number): void {
  // A reader that has gone (`manyhands status | head -1`) is no error.
  process.stdout.on('error', () => process.exit(EXIT.ioError));
  Promise.resolve()
    .then(() => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    })
    .catch((error: unknown) => {
      console.error(`${program}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exitCode = EXIT.failed;
    });
}
