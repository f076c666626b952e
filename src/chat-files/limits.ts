export const MIB = 1_024 * 1_024;

/** So that a bot may send the file back, too: Discord's limit is 10 MiB with all else. */
export const MAX_FILE_BYTES = 8 * MIB;

/** In characters; far more than a message with all its swipes has. */
export const MAX_LINE_LENGTH = 1 * MIB;

/** And damaged lines. */
export const MAX_MESSAGES = 20_000;
