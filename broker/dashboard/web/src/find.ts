// What somebody who types into the search field may mean.

export interface Wish {
  // A socket's key, as edge/number.
  readonly key?: string;
  readonly socketId?: string;
  // The beginning of topics.
  readonly prefix?: string;
}

const KEY = /^.+\/[1-9][0-9]*$/;

// Everything that the text could be; nothing for an empty one.
export function wishOf(text: string): Wish {
  const trimmed = text.trim();
  if (!trimmed) return {};
  return {
    ...(KEY.test(trimmed) && {key: trimmed}),
    socketId: trimmed,
    prefix: trimmed.replace(/\*$/, ""),
  };
}

// What the address of the page names: `#topic=room%3Aa`, `#socket=edge-1%2F7`.
export type Place = {kind: "topic" | "socket"; name: string} | null;

export function placeOf(hash: string): Place {
  const match = /^#(topic|socket)=(.+)$/.exec(hash);
  if (!match) return null;
  try {
    return {
      kind: match[1] as "topic" | "socket",
      name: decodeURIComponent(match[2] ?? ""),
    };
  } catch {
    return null;  // An escape that is none.
  }
}

export function hashOf(kind: "topic" | "socket", name: string): string {
  return `#${kind}=${encodeURIComponent(name)}`;
}
