/** One entry of a host list while it is read, and the ways in which it may be wrong. */

/** The list is invalid. */
export class BadEntry extends Error {
  readonly token: string;

  constructor(token: string, what: string) {
    super(describe(token, what));
    this.token = token;
  }
}

/** The list is well without this entry. */
export class PassedOver extends Error {}

/** One entry while it is read. */
export class Entry {
  readonly token: string;
  readonly complaints: string[] = [];

  constructor(token: string) {
    this.token = token;
  }

  /** For what distcc refuses, too. */
  refuse(what: string): never {
    throw new BadEntry(this.token, what);
  }

  passOver(what: string): never {
    throw new PassedOver(`${describe(this.token, what)}. It is passed over`);
  }

  complain(what: string): void {
    this.complaints.push(describe(this.token, what));
  }
}

function describe(token: string, what: string): string {
  return `Bad host list entry ${JSON.stringify(token)}: ${what}`;
}
