/**
 * The valid file that costs most to look at: 100 handoffs and edges of windows in a day, no two at the same moment, in 19
 * zones that change their clocks; lists nearly full; everybody away.
 *
 * @param size 1: at the limits; less: that share of changes and entries
 */
export function worstOnCall(size = 1): string {
  const count = (most: number) => Math.max(1, Math.round(most * size));
  const login = (n: number) => `p${n}`;
  // 3 × 24 handoffs, 16 × 1, and 6 windows: 100 in a day.
  const hourly = count(3);
  const names = Array.from({ length: count(19) }, (_, n) => `r${n}`);
  const rotations = names.map((name, n) => {
    const members = Array.from({ length: 50 }, (_, m) => login(m + 1));
    const window =
      n >= hourly && n < hourly + count(6) ? `, restrictions: [{ from: "00:${two(n)}", to: "23:${two(n)}" }]` : "";
    const shift = n < hourly ? "1h" : "1d";
    return `  ${name}: { zone: ${ZONES[n % ZONES.length]}, start: 2026-01-01, handoff: "09:${two(n * 3)}", shift: ${shift}, members: [${members}]${window} }`;
  });
  const layers = (n: number) => Array.from({ length: 10 }, (_, at) => names[(n * 3 + at) % names.length]!);
  const roles = Array.from(
    { length: 8 },
    (_, n) => `  ${n === 0 ? "primary" : `q${n}`}: { layers: [${[...new Set(layers(n))]}] }`,
  );
  const minute = (n: number) =>
    `2026-0${1 + (n % 3)}-${10 + (n % 18)}T${String(n % 24).padStart(2, "0")}:${String(n % 60).padStart(2, "0")}`;
  // Everybody is away all the time.
  const away = Array.from(
    { length: count(300) },
    (_, n) => `{user: ${login(1 + (n % 50))}, from: ${n < 50 ? "2025-01-01" : minute(n)}, to: 2027-01-01}`,
  );
  const overrides = Array.from(
    { length: count(300) },
    (_, n) => `{role: q7, user: a, for: b, from: ${minute(n)}, to: 2027-01-01}`,
  );
  const shadows = Array.from(
    { length: count(300) },
    (_, n) => `{role: q7, user: a${n}, from: ${minute(n)}, to: 2027-01-01}`,
  );
  return [
    "rotations:",
    ...rotations,
    "roles:",
    ...roles,
    `unavailable: [${away}]`,
    `overrides: [${overrides}]`,
    `shadows: [${shadows}]`,
  ].join("\n");
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "America/Santiago",
  "Asia/Jerusalem",
  "Pacific/Auckland",
  "America/Havana",
  "Asia/Beirut",
  "Africa/Cairo",
  "America/Asuncion",
  "Pacific/Norfolk",
  "Europe/Chisinau",
  "Pacific/Chatham",
  "America/Nuuk",
  "Asia/Gaza",
  "Antarctica/Troll",
  "Pacific/Easter",
  "Atlantic/Azores",
  "Europe/Dublin",
];
