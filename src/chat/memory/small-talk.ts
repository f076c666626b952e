// Where people seldom say "ok", statistics take it for a rare word that matters. English and German.

/** More than one word, which alone may mean something. */
const PHRASES: readonly string[] = [
  "good (?:morning|afternoon|evening|night|day|for you)",
  "(?:good|great|nice|cool) (?:job|work|idea|point|one)",
  "(?:nice|great|good) to (?:hear|know|meet you|see you)",
  "(?:sounds|looks|seems) (?:good|great|nice|fine|cool|fun)",
  "(?:how are|how're) (?:you|things|u)(?: doing| today)?",
  "how(?:'s| is) it going",
  "what(?:'s| is) up",
  "see (?:you|ya)(?: (?:later|soon|tomorrow|around))?",
  "have a (?:good|great|nice|lovely) (?:day|night|evening|weekend|time|one)",
  "take care",
  "well done",
  // "When did we go on a trip?" is a question.
  String.raw`go on(?=\s*(?:[.!?,;:)]|$))`,
  "tell me more",
  "no (?:problem|worries)",
  "of course",
  "me too",
  "same here",
  "i see",
  "i agree",
  "(?:that |it )?makes sense",
  "(?:that's|that is|thats|it's|it is) (?:so |really |very )?(?:great|nice|good|cool|awesome|amazing|funny|fine|ok|okay)",
  "(?:thanks|thank you)(?: (?:so much|very much|a lot))?(?: for (?:your|the) help)?",
  "you(?:'re| are) (?:so |very |most )?welcome",
  "what do you think",
  "can you help(?: me)?",
  "guten? (?:morgen|tag|abend|nacht|idee|arbeit)",
  "(?:klingt|hört sich) (?:gut|super|toll)(?: an)?",
  "wie geht(?:'s| es)?(?: (?:dir|euch|so))?",
  "bis (?:bald|später|dann|morgen)",
  "gern(?:e)? geschehen",
  "kein problem",
  "alles klar",
  "auf wiedersehen",
  "(?:danke|dankeschön|vielen dank)(?: (?:schön|sehr))?(?: für (?:deine|die) hilfe)?",
  "erzähl (?:mir )?mehr",
  "(?:mach|red) weiter",
  "ich auch",
  "stimmt(?: so)?",
];

const WORDS: readonly string[] = [
  ..."ok okay okey k kk thx ty tysm thanks thank please pls plz sorry welcome cheers".split(" "),
  ..."hi hello hey heya hiya yo bye goodbye congrats congratulations".split(" "),
  ..."yes yeah yea yep yup no nope nah sure alright right exactly indeed absolutely".split(" "),
  ..."wow oh ah aha ooh hm hmm mhm uh um er well".split(" "),
  ..."lol lmao rofl xd haha hahaha hehe hihi yay omg".split(" "),
  ..."nice cool great awesome amazing perfect fine good wonderful fantastic really".split(" "),
  ..."continue".split(" "),
  ..."danke bitte hallo moin servus tschüss tschau ciao ja jo jep nein nö doch klar genau".split(
    " ",
  ),
  ..."gut super toll prima cool schön echt wirklich weiter okidoki entschuldigung".split(" "),
];

const SMALL_TALK = new RegExp(
  String.raw`(?<![\p{L}\p{M}\p{N}])(?:${[...PHRASES, ...WORDS].join("|")})(?![\p{L}\p{M}\p{N}])`,
  "gimu",
);

const HAS_WORD = /[\p{L}\p{N}]/u;

/**
 * What is said without what everybody says: greetings, thanks, assent. Empty where nothing is left that
 * could be about something. What is taken out means nothing to what is looked for, either.
 */
export function withoutSmallTalk(said: string): string {
  const left = said.replaceAll("’", "'").replaceAll(SMALL_TALK, " ");
  return HAS_WORD.test(left) ? left.trim() : "";
}
