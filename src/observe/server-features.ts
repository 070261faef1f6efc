/** What this GitHub server offers, as far as it is known. Learnt by asking once; a restart asks again. */
export interface ServerFeatures {
  pin: boolean;
  react: boolean;
}

/** Everything is offered until the server says otherwise. */
export function allFeatures(): ServerFeatures {
  return { pin: true, react: true };
}
