/** The longest text whose words are compared, in UTF-16 code units. */
export const LONGEST_TEXT_CHARACTERS = 2_500;

/** Words of nearly every incident, and of nearly every sentence: having them in common says nothing. */
const COMMON: ReadonlySet<string> = new Set(
  (
    "a about above after again against alert alerts all also although always am an and another any anybody anything are around as " +
    "at back be became because become been before began begin begun being below between both broke broken but by came can " +
    "cannot caused cause come could customer customers day days did does doing done down due during each early eight either else end ended error " +
    "errors even ever every fail failed failing fails failure far few file files finally find fire fired firing first five fix fixed for " +
    "found four from get gets getting give go goes going gone got had happen happened happens has have having he her here " +
    "high hour hours how however i if impact in incident incidents into is issue issues it its itself just keep kept knew know known last late " +
    "later least less let like line little long look looked looks low made make makes many may maybe me mean means might minute minutes more " +
    "morning most much must my near need needed needs never new next night nine no nobody none nor not nothing now of off often old on " +
    "once one only open opened or other others our out outage over own page part people please problem problems put rather really " +
    "report reported reports request requests right said same saw say says second seconds see seem seems seen server service set seven should show showed shows side " +
    "since six so some somebody something soon start started starts still stop stopped such sure system take taken takes ten " +
    "than that the their them then there these they thing things this those though three through time times to today together too took " +
    "try tried two under until up us use used user users using very via want was way we week went were what when where whether which " +
    "while who whole whom why will with within without work worked working works would yes yesterday yet you your zero"
  ).split(" "),
);

/**
 * The words of a text that can tell one incident from another, in order, with repetitions: at least three letters or digits,
 * one of them a letter, in lower case, plurals as singulars; none that nearly every incident has. Of a long text its beginning.
 */
export function tellingWords(text: string): readonly string[] {
  const words =
    text
      .slice(0, LONGEST_TEXT_CHARACTERS)
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    if (word.length < 3 || word.length > 40 || !/\p{L}/u.test(word) || COMMON.has(word)) return [];
    const singular = word.length > 4 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
    return COMMON.has(singular) ? [] : [singular];
  });
}
