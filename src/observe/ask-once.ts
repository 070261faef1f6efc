/** The same reader, but what was asked is not asked again: for a single look, in which GitHub is taken to stand still. */
export function askOnce<Reader extends object>(read: Reader): Reader {
  const answers = new Map<string, unknown>();
  return new Proxy(read, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return (...given: readonly unknown[]) => {
        const question = `${String(name)} ${JSON.stringify(given)}`;
        if (!answers.has(question)) answers.set(question, Reflect.apply(method, target, given));
        return answers.get(question);
      };
    },
  });
}
