/** Who may do what, and where it is possible at all. */
export const accessTexts = {
  manageChannels: {
    en: "You need the Manage Channels permission for that.",
    de: "Dafür brauchst du die Berechtigung „Kanäle verwalten“.",
  },
  manageServer: {
    en: "You need the Manage Server permission for that.",
    de: "Dafür brauchst du die Berechtigung „Server verwalten“.",
  },
  manageServerOrChannels: {
    en: "You need the Manage Server or the Manage Channels permission for that.",
    de: "Dafür brauchst du die Berechtigung „Server verwalten“ oder „Kanäle verwalten“.",
  },
  manageThread: {
    en: "Only who opened this thread with `/chat`, or may manage threads here, can do that.",
    de: "Das kann nur, wer diesen Thread mit `/chat` eröffnet hat oder hier Threads verwalten darf.",
  },
  write: {
    en: "Only those who may write here can do that.",
    de: "Das kann nur, wer hier schreiben darf.",
  },
  owner: {
    en: "Personas for all servers are my owner's: make yours in a server.",
    de: "Personas für alle Server macht mein Betreiber: Mach deine auf einem Server.",
  },
  noThread: {
    en: "This is no thread: choose another scope.",
    de: "Das hier ist kein Thread: Wähle einen anderen Bereich.",
  },
  noServer: {
    en: "There is no server here: leave the scope out.",
    de: "Hier ist kein Server: Lass den Bereich weg.",
  },
  denied: {
    en: "I do not answer you here: those who manage this server have set it so.",
    de: "Hier antworte ich dir nicht: So haben es die eingestellt, die diesen Server verwalten.",
  },
  channelUnseen: {
    en: "I cannot see this channel: give me the View Channel permission here.",
    de: "Ich kann diesen Kanal nicht sehen: Gib mir hier die Berechtigung „Kanal ansehen“.",
  },
} as const;
