export interface Window {
  readonly requests: number;
  readonly perMs: number;
}

/** What is limited, and how: Discord's values unless said otherwise. */
export interface Limits {
  /** Messages created in one channel by one user. Default 5 per 5 s. */
  readonly messageCreate: Window;
  /** Edits of messages in one channel by one user. Default 5 per 5 s. */
  readonly messageEdit: Window;
  /** Messages sent through one webhook or interaction, and edits of them, each. Default 5 per 2 s, as seen. */
  readonly webhookWrite: Window;
  /** Every other route, for one channel, guild or webhook. Default 60 per 5 s. */
  readonly other: Window;
  /** All requests of one user, interaction endpoints excepted. Default 50 per 1 s. */
  readonly global: Window;
  /** Events that a client may send on one gateway connection. Default 120 per 60 s. */
  readonly gatewaySends: Window;
  /** Default 41,250. */
  readonly heartbeatIntervalMs: number;
  /** How long a session without a connection can be resumed. Default 180,000. */
  readonly resumeWindowMs: number;
  /** How long a bot may take for the first answer to an interaction. Default 3,000. */
  readonly firstAnswerMs: number;
  /** How long an interaction's token is good. Default 900,000. */
  readonly interactionTokenMs: number;
}

export const defaultLimits: Limits = {
  messageCreate: { requests: 5, perMs: 5000 },
  messageEdit: { requests: 5, perMs: 5000 },
  webhookWrite: { requests: 5, perMs: 2000 },
  other: { requests: 60, perMs: 5000 },
  global: { requests: 50, perMs: 1000 },
  gatewaySends: { requests: 120, perMs: 60_000 },
  heartbeatIntervalMs: 41_250,
  resumeWindowMs: 180_000,
  firstAnswerMs: 3000,
  interactionTokenMs: 900_000,
};
