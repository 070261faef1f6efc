import { DESCRIBED_VERSION } from "../github-description.ts";

/** Where GitHub's API is. */
export const API_URL = "https://api.github.com";

/** The versions of it that are answered. */
export const API_VERSIONS: readonly string[] = [DESCRIBED_VERSION, "2026-03-10"];
