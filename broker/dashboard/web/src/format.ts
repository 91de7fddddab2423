// Numbers and times as people read them. Pure functions.

const WHOLE = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
const SHORT = ["", "k", "M", "G", "T"];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

// 3 digits that matter: 1.23, 12.3, 123.
function three(value: number): string {
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function scaled(value: number, step: number, units: string[], gap: string) {
  let unit = 0;
  let rest = value;
  // What would be rounded up to the next unit is told in that.
  while (rest >= step - step / 2000 && unit < units.length - 1) {
    rest /= step;
    unit += 1;
  }
  return `${three(rest)}${gap}${units[unit]}`;
}

// 9,876 and 12.3k.
export function count(value: number): string {
  if (value < 10_000) return WHOLE.format(value);
  return scaled(value, 1000, SHORT, "");
}

// Per second: 0, 0.5, 12.3, 1.23k.
export function rate(value: number): string {
  return scaled(value, 1000, SHORT, "");
}

// 512 B, 1.5 KiB.
export function bytes(value: number): string {
  return scaled(value, 1024, BYTES, " ");
}

export function percent(value: number): string {
  return `${three(value)} %`;
}

// The two largest units: 42 s, 3 min 5 s, 2 h 5 min, 3 d 4 h.
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: Array<[number, string]> = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3_600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`).join(" ");
}

// How long ago something was, in a column of a plot.
export function ago(seconds: number): string {
  return seconds < 1 ? "now" : `${duration(seconds)} ago`;
}

// Protocol Buffers' Duration as JSON: `12.5s`.
export function parseDuration(text: string | undefined): number {
  const seconds = Number.parseFloat(text ?? "0");
  return Number.isFinite(seconds) ? seconds : 0;
}

const WORDS: Record<string, string> = {
  TRANSPORT_WEBSOCKET: "WebSocket",
  TRANSPORT_LONG_POLL: "Long poll",
  DIALECT_FOUNDING: "founding",
  DIALECT_V1: "V1",
  DIALECT_V2: "V2",
  DIALECT_BRIDGE: "bridge",
};

// A transport or dialect of control.proto; `–` for none.
export function word(name: string): string {
  if (name.endsWith("_UNSPECIFIED")) return "–";
  return WORDS[name] ?? name.replace(/^[A-Z]+_/, "").toLowerCase();
}

export function plural(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
