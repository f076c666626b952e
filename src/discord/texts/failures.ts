/** Why something could not be done that is nobody's mistake. */
export const failureTexts = {
  unexpected: {
    en: "Something went wrong on my side; my owner's log says why.",
    de: "Bei mir ist etwas schiefgegangen; das Protokoll meines Betreibers sagt, warum.",
  },
  databaseAway: {
    en: "My database is away. Try again in a minute.",
    de: "Meine Datenbank ist gerade nicht erreichbar. Versuch es in einer Minute noch einmal.",
  },
  tooSlow: {
    en: "That takes me too long right now. Try again in a minute.",
    de: "Das dauert mir gerade zu lange. Versuch es in einer Minute noch einmal.",
  },
  discordRefuses: {
    en: "Discord does not let me do that here: I lack a permission, or it is no longer there.",
    de: "Discord lässt mich das hier nicht tun: Mir fehlt eine Berechtigung, oder es gibt es nicht mehr.",
  },
} as const;
