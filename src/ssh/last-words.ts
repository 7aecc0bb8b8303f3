/** The end of what a program says on its standard error: enough for one sentence, however much it says. */
const KEPT_BYTES = 4096;

export class LastWords {
  #bytes: Buffer = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-KEPT_BYTES);
  }

  get text(): string {
    return this.#bytes.toString('utf8');
  }
}
