/** A start that is refused: nothing runs yet, and the message is one sentence that says what to change. Exit code 1. */

export class StartRefusal extends Error {}

/** A command line that cannot be understood. Exit code 2. */
export class UsageError extends Error {}
