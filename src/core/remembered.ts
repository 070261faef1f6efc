/**
 * How many texts' answers are kept. A pass reads the same few at each of its steps: an issue, what is linked, the
 * templates.
 */
const MOST_TEXTS = 32;
/**
 * Longer texts are read again each time: what people write is a tenth of this, and answers may take up many times the
 * room of the text.
 */
const MOST_CHARACTERS = 16_000;

/**
 * The same function of a text, which remembers its answers to the last texts. For functions that only read, and whose
 * answers nobody changes: then only the time it takes distinguishes it from the function itself.
 */
export function remembered<T>(read: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    if (text.length > MOST_CHARACTERS) return read(text);
    const known = answers.has(text);
    const answer = known ? (answers.get(text) as T) : read(text);
    // The last one asked for is last in the map, and the first one is dropped.
    answers.delete(text);
    answers.set(text, answer);
    if (answers.size > MOST_TEXTS) answers.delete(answers.keys().next().value as string);
    return answer;
  };
}
